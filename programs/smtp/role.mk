PROGRAMS += smtp/qmail-smtpd
LIBS_smtp/qmail-smtpd = -l:libcdb.a
