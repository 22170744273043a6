# What other mail systems have in their files, in the words of ours.
PROGRAMS += import/qmail-import
