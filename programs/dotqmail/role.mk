# What stands in lines of .qmail files, and tools for Maildirs.
PROGRAMS += dotqmail/bouncesaying dotqmail/condredirect dotqmail/except dotqmail/forward dotqmail/preline \
  dotqmail/qbiff dotqmail/qlist dotqmail/qreceipt dotqmail/vacation
PROGRAMS += dotqmail/maildirmake dotqmail/maildir2mbox dotqmail/maildirwatch dotqmail/mbox2maildir dotqmail/mh2maildir
SCRIPTS += dotqmail/elq dotqmail/pinq dotqmail/qail
