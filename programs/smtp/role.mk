PROGRAMS += smtp/qmail-smtpd
