# Tells, before a prompt of the shell, that new mail has come into the Maildir. The MAIL and MAILPATH of shells know
# files only. For ~/.profile or ~/.bashrc:
#
#     . /var/qmail/doc/mailcheck.sh
#
# bash looks before each prompt, another sh once, when it reads this.

MAILDIR=${MAILDIR:-$HOME/Maildir}
MAIL=$MAILDIR/          # where programs that read mail look for it
export MAIL MAILDIR
mail_seen=0

mail_check()
{
  set -- "$MAILDIR"/new/*
  [ -e "$1" ] || { mail_seen=0; return 0; }
  [ $# -le "$mail_seen" ] || echo "You have new mail."
  mail_seen=$#
}

if [ "${BASH_VERSION-}" ]; then
  PROMPT_COMMAND="mail_check${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
else
  mail_check
fi
