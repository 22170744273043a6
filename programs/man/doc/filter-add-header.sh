#!/bin/sh
# A filter for control/filters (man qmail-filter): puts a field with the client's address, or "local", before the message.
# Usage: filter-add-header.sh [FIELD]
printf '%s: %s\n' "${1:-X-Client}" "${TCPREMOTEIP:-local}" || exit 71
exec cat
