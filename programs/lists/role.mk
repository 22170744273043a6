# Mailing lists: ezmlm and what idx added to it.
PROGRAMS += lists/ezmlm-make
