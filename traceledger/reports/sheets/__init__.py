"""The sheets B to O of a report, from the account's JSON and what is listed beside it."""
