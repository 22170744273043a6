PROGRAMS += inject/qmail-inject inject/sendmail inject/qmail-qmqpc inject/predate
SCRIPTS += inject/mailsubj inject/datemail
LINKS += mailq:sendmail.8
