# Mailing lists: ezmlm and what idx added to it.
