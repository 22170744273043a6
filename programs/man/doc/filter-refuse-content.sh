#!/bin/sh
# A filter for control/filters (man qmail-filter): refuses a message with a line that the pattern fits (grep -E), with a text.
# What cannot be kept or looked at is refused for now. Usage: filter-refuse-content.sh PATTERN TEXT
message=$(mktemp) || exit 71
trap 'rm -f "$message"' EXIT
cat > "$message" || exit 71
LC_ALL=C grep -a -q -E -e "$1" "$message"
case $? in
  0) echo "D$2" >&6; exit 82;;
  1) cat "$message" || exit 71;;
  *) exit 71;;
esac
