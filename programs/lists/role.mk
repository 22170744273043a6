# Mailing lists: ezmlm and what idx added to it.
SCRIPTS += lists/ezmlm-glconf lists/ezmlm-members
PROGRAMS += lists/ezmlm-weed lists/ezmlm-tstdig lists/ezmlm-limit lists/ezmlm-dispatch lists/ezmlm-check lists/ezmlm-cron
PROGRAMS += lists/ezmlm-make
PROGRAMS += lists/ezmlm-sub lists/ezmlm-unsub lists/ezmlm-list lists/ezmlm-issubn lists/ezmlm-checksub lists/ezmlm-rmtab
PROGRAMS += lists/ezmlm-return lists/ezmlm-warn lists/ezmlm-get lists/ezmlm-cgi lists/ezmlm-oneclick
PROGRAMS += lists/ezmlm-send lists/ezmlm-reject lists/ezmlm-store lists/ezmlm-gate lists/ezmlm-moderate lists/ezmlm-confirm lists/ezmlm-clean
PROGRAMS += lists/ezmlm-idx lists/ezmlm-import lists/ezmlm-archive
SCRIPTS += lists/ezmlm-accept
LIBS_lists/ezmlm-send = -lcares
PROGRAMS += lists/ezmlm-manage lists/ezmlm-split lists/ezmlm-request
