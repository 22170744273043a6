PROGRAMS += auth/qmail-authd auth/qmail-penalty
LIBS_auth/qmail-authd = -l:libcdb.a -lcrypt
