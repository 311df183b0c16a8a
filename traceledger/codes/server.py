"""Access tokens and the server."""

from __future__ import annotations

from traceledger.codes.code import Code

__all__ = ["CODES"]

CODES = {
    "access.form": Code(
        "An access token is not in its one accepted form.",
        "Make one with `traceledger token`; send it as `Authorization: Bearer TOKEN`.",
    ),
    "access.refused": Code(
        "An access token is not accepted: expired, of another ledger, or of a key without rights.",
        "Make a new one with `traceledger token`, with a key that is registered in this ledger.",
    ),
    "access.needed": Code(
        "Without an access token only single units are shown, by their whole id.",
        "Make one with `traceledger token`; send it as `Authorization: Bearer TOKEN`.",
    ),
    "access.role": Code(
        "The key's roles do not allow to read this.",
        "Use a key that has one of the roles that are named.",
    ),
    "request.address": Code(
        "There is nothing at this address.",
        "Compare the address with the list in docs/guide/api.md.",
    ),
    "request.method": Code(
        "This address does not take requests of that method.",
        "The header Allow lists the methods that it takes.",
    ),
    "request.body": Code(
        "The body of a request is not what this address takes.",
        "Correct what the message names; docs/guide/api.md shows the form.",
    ),
    "request.value": Code(
        "A parameter of a request has a value that is not allowed.",
        "Correct the parameter that is named.",
    ),
    "request.size": Code(
        "A request is larger than this address takes.",
        "Send less at once: split the events into several requests.",
    ),
    "request.type": Code(
        "A body is of a media type that this address does not take.",
        "Send application/json, or application/x-ndjson for events.",
    ),
    "request.slow": Code(
        "A request took too long to arrive.",
        "Send it again over a better connection, or send less at once.",
    ),
    "request.rate": Code(
        "Too many requests came from one place in a short time.",
        "Wait as long as the header Retry-After says.",
    ),
    "link.syntax": Code(
        "An address is not a GS1 Digital Link URI.",
        "Check the number again; the message says what is wrong.",
    ),
    "link.type": Code(
        "There is no link of that type for this item.",
        "Ask with linkType=linkset for the links that there are.",
    ),
    "server.busy": Code(
        "The server has as much to do as it takes at once.",
        "Send the same request again in a moment; sending an event twice does no harm.",
    ),
    "server.stopping": Code(
        "The server is about to stop.",
        "Send the same request again in a moment; sending an event twice does no harm.",
    ),
    "server.fault": Code(
        "The server made a mistake.",
        "Send the same request again; if it fails again, report it with the request id.",
    ),
    "event.unknown": Code(
        "The ledger has no event of that index or id.",
        "Check the index or id; an event that was appended just now is listed once it is sealed.",
    ),
    "remote.unreachable": Code(
        "The server does not answer.",
        "Check the address and the network, then try again; sending an event twice does no harm.",
    ),
    "remote.answer": Code(
        "The server answered something that is not understood.",
        "Check that the address is that of a traceledger server, and of a version like this one.",
    ),
    "receipt.false": Code(
        "A receipt, or the answer with it, is not about the events that were sent.",
        "Keep the answer and the events: together they are evidence. Ask the operator.",
    ),
}
