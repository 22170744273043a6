PROGRAMS += smtp/qmail-smtpd smtp/qmail-qmtpd smtp/qmail-qmqpd smtp/qmail-warm smtp/tcp-env
# One process for each connection: without the dynamic loader it starts in two thirds of the time.
LIBS_smtp/qmail-smtpd = -l:libcdb.a $(if $(SANITIZE),,-static-pie)
LIBS_smtp/qmail-qmtpd = $(LIBS_smtp/qmail-smtpd)
LIBS_smtp/qmail-qmqpd = $(LIBS_smtp/qmail-smtpd)
LIBS_smtp/qmail-warm = $(LIBS_smtp/qmail-smtpd)
LIBS_smtp/tcp-env = -lcares
