PROGRAMS += analog/matchup analog/qmailanalog analog/qmail-report
LIBS_analog/qmailanalog = -lm

LINKS += mlmatchup:matchup.1
LINKS += $(patsubst %,%:qmailanalog.1,zoverall zdeferrals zfailures zsuccesses zrecipients zrhosts zsenders zsuids zrxdelay zddist zsendmail \
  ddist deferrals failures recipients rhosts rxdelay senders successes suids columnt xqp xrecipient xsender)
