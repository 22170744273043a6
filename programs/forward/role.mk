# Tables of addresses in the manner of sendmail: /etc/aliases, lists, .forward files.
PROGRAMS += forward/fastforward forward/setforward forward/printforward forward/newaliases forward/newinclude forward/setmaillist \
  forward/printmaillist forward/dot-forward
LIBS_forward/setforward = -l:libcdb.a
LIBS_forward/newaliases = -l:libcdb.a
