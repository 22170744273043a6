PROGRAMS += tls/qmail-tlsd tls/qmail-tls
LIBS_tls/qmail-tlsd = -lssl -lcrypto
SCRIPTS += tls/qmail-certificate
