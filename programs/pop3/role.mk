PROGRAMS += pop3/qmail-popup pop3/qmail-pop3d
