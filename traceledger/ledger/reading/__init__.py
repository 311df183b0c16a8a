"""Reading and proving: passports, archives, requests to witnesses, and who may read what."""
