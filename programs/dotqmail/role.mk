# What stands in lines of .qmail files, and tools for Maildirs.
PROGRAMS += dotqmail/bouncesaying dotqmail/condredirect dotqmail/except dotqmail/forward dotqmail/preline
PROGRAMS += dotqmail/maildirmake
