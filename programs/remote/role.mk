PROGRAMS += remote/qmail-rspawn remote/qmail-remote remote/qmail-tcpto remote/qmail-tcpok
LIBS_remote/qmail-remote = -lcares
