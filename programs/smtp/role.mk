PROGRAMS += smtp/qmail-smtpd smtp/tcp-env
LIBS_smtp/qmail-smtpd = -l:libcdb.a
LIBS_smtp/tcp-env = -lcares
