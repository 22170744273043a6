# Mailing lists: ezmlm and what idx added to it.
PROGRAMS += lists/ezmlm-make
PROGRAMS += lists/ezmlm-sub lists/ezmlm-unsub lists/ezmlm-list lists/ezmlm-issubn lists/ezmlm-checksub lists/ezmlm-rmtab
PROGRAMS += lists/ezmlm-return lists/ezmlm-warn
