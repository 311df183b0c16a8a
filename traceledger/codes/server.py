"""Access tokens and the server."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "access.form": Code(
        "An access token is not in canonical form.",
        "Create one with `traceledger token`; send it as `Authorization: Bearer TOKEN`, or set"
        " TRACELEDGER_TOKEN to it for commands.",
    ),
    "access.refused": Code(
        "An access token was rejected: expired, for another ledger, or signed by a key without"
        " rights.",
        "Create a new one with `traceledger token`, using a key registered in this ledger.",
    ),
    "access.needed": Code(
        "Without an access token, only single units can be read, by their full id.",
        "Create one with `traceledger token`; send it as `Authorization: Bearer TOKEN`, or set"
        " TRACELEDGER_TOKEN to it for commands.",
    ),
    "access.role": Code(
        "The key's roles do not permit this request.",
        "Use a key that has one of the roles named.",
    ),
    "resolver.form": Code(
        "The file of other ledgers for the resolver cannot be read.",
        "Give each ledger a table [[ledger]] with `items`, such as 01/0952124, and an https `url`.",
    ),
    "login.site": Code(
        "A form was sent from another site.",
        "Open the page for signing in on this site, and send the form from there.",
    ),
    "samples.full": Code(
        "A party has recorded as many samples as a server keeps.",
        "Use the samples that exist, or ask the operator of the server to archive `samples.db`.",
    ),
    "samples.revision": Code(
        "A signed statement does not follow the newest one about its sample.",
        "Save the statement again on the page of the sample, and sign that one.",
    ),
    "samples.unknown": Code(
        "The party has recorded no sample of this number.",
        "Open the list of samples.",
    ),
    "account.finding": Code(
        "The account has no such finding.",
        "Open the list of findings; after a correction, a finding can be gone.",
    ),
    "account.figure": Code(
        "The account has no figure at this path.",
        "A path is a JSON Pointer (RFC 6901) into the account, such as `/books/0/mass/loss`.",
    ),
    "account.period": Code(
        "The period begins after it ends.",
        "Give two published sizes in ascending order; `/api/v1/checkpoints` lists them.",
    ),
    "account.computing": Code(
        "The account is being computed from the entries of the log.",
        "Repeat the request after a few seconds; the message says how many entries were read.",
    ),
    "request.address": Code(
        "There is nothing at this address.",
        "Compare the address with the list in docs/guide/api.md.",
    ),
    "request.method": Code(
        "This address does not support that method.",
        "The Allow header lists the supported methods.",
    ),
    "request.body": Code(
        "The request body does not have the expected form.",
        "Correct what the message names; docs/guide/api.md shows the form.",
    ),
    "request.value": Code(
        "A request parameter has a value that is not allowed.",
        "Correct the parameter named.",
    ),
    "request.size": Code(
        "A request exceeds the size limit of this address.",
        "Send less at once: split the events into several requests.",
    ),
    "request.type": Code(
        "This address does not accept a body of that media type.",
        "Send application/json, or application/x-ndjson for events.",
    ),
    "request.slow": Code(
        "A request took too long to arrive.",
        "Send it again over a better connection, or send less at once.",
    ),
    "request.rate": Code(
        "Too many requests came from one address in a short time.",
        "Wait for the time in the Retry-After header.",
    ),
    "link.syntax": Code(
        "An address is not a GS1 Digital Link URI.",
        "Check the number again; the message states the error.",
    ),
    "link.type": Code(
        "This item has no link of that type.",
        "Use linkType=linkset to list the available links.",
    ),
    "request.labels": Code(
        "A request for labels would take too long to draw.",
        "Request fewer labels at once, or a lower resolution.",
    ),
    "server.busy": Code(
        "The server is at capacity.",
        "Send the same request again in a moment. The same signed events add nothing twice; before"
        " you repeat a command, which signs others, look with `traceledger history ITEM` whether"
        " its event is there.",
    ),
    "server.stopping": Code(
        "The server is shutting down.",
        "Send the same request again in a moment. The same signed events add nothing twice; before"
        " you repeat a command, which signs others, look with `traceledger history ITEM` whether"
        " its event is there.",
    ),
    "server.fault": Code(
        "The server failed unexpectedly.",
        "Send the same request again; if it fails again, report it with the request id.",
    ),
    "event.unknown": Code(
        "The ledger has no event with that index or id.",
        "Check the index or id; an event that was just appended is listed once it is sealed.",
    ),
    "remote.unreachable": Code(
        "The server does not answer.",
        "Check the address and the network, then try again.",
    ),
    "remote.unconfirmed": Code(
        "No answer of the server states whether it wrote the events.",
        "Before you repeat the command, look with `traceledger history ITEM` whether the event is"
        " there: the command signs another one. Only the same signed events are safe to repeat.",
    ),
    "remote.settings": Code(
        "The proxy or TLS settings of the environment cannot be used.",
        "Correct or unset ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE,"
        " SSL_CERT_DIR and SSLKEYLOGFILE. NO_PROXY names IPv6 addresses without brackets: ::1.",
    ),
    "hammer.fork": Code(
        "A server showed two histories of one log.",
        "Keep the server's data as evidence, and report it.",
    ),
    "hammer.proof": Code(
        "A server's proof does not belong to the event that it acknowledged.",
        "Keep the server's data as evidence, and report it.",
    ),
    "hammer.duplicate": Code(
        "A server gave an event that was sent twice a second place in the log.",
        "Keep the server's data as evidence, and report it.",
    ),
    "former.unknown": Code(
        "This ledger keeps no record of an earlier life with that SHA-256.",
        "Ask whoever sold the part for the record, and verify it together with this one.",
    ),
    "remote.missing": Code(
        "The server has no such file, and is no traceledger server.",
        "Check that the address is that of a ledger; if it is a static copy, that it is complete.",
    ),
    "remote.answer": Code(
        "The server's response cannot be understood.",
        "Check that the address belongs to a traceledger server, and that its version matches"
        " this one.",
    ),
    "problem.form": Code(
        "A server's error is not in the form of this version.",
        "Check that the address is that of a traceledger server, and of a version like this one.",
    ),
    "receipt.false": Code(
        "A receipt, or the response that contains it, does not match the events sent.",
        "Keep the response and the events: together they are evidence. Ask the operator.",
    ),
}
