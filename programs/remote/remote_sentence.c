#include "remote_report.h"
#include "remote_sentence.h"
#include "text.h"

#define CONNECTED "Connected to "

/* Before the address, behind it; in short. */
static struct { char const *before, *after, *why; } const texts[] = {
  [GREETING_FAILED]    = { CONNECTED, " but greeting failed.", "greeting failed" },
  [NAME_REJECTED]      = { CONNECTED, " but my name was rejected.", "my name was rejected" },
  [SENDER_REJECTED]    = { CONNECTED, " but sender was rejected.", "sender was rejected" },
  [RECIPIENT_DISLIKED] = { "", " does not like recipient.", 0 },
  [GIVING_UP]          = { "Giving up on ", ".", 0 },
  [DATA_FAILED]        = { "", " failed on DATA command.", 0 },
  [MESSAGE_FAILED]     = { "", " failed after I sent the message.", 0 },
  [ACCEPTED]           = { "", " accepted message.", 0 },
  [DIED]               = { CONNECTED, " but connection died. (#4.4.2)", "connection died" },
  [DIED_LATE]          = { CONNECTED, " but connection died. Possible duplicate! (#4.4.2)", 0 },
  [SENSELESS]          = { CONNECTED, " but its reply makes no sense. (#4.5.0)", "reply makes no sense" },
  [SENSELESS_LATE]     = { CONNECTED, " but its reply makes no sense. Possible duplicate! (#4.5.0)", 0 },
  [TLS_NOT_OFFERED]    = { CONNECTED, " but it offers no TLS, which control/tlspolicy asks for. (#4.7.4)", "it offers no TLS" },
  [TLS_LACKING]        = { CONNECTED, " but it offers no TLS, which its domain asks for. (#4.7.4)", "it offers no TLS" },
  [TLS_NOT_HERE]       = { CONNECTED, " but cannot speak TLS, which control/tlspolicy asks for. (#4.3.0)", "no TLS here" },
  [TLS_LACKING_HERE]   = { CONNECTED, " but cannot speak TLS, which its domain asks for. (#4.3.0)", "no TLS here" },
  [TLS_REFUSED]        = { CONNECTED, " but it refused TLS. (#4.7.4)", "it refused TLS" },
  [TLS_BROKEN]         = { CONNECTED, " but TLS with it failed. (#4.7.5)", "TLS failed" },
  [TLS_UNTRUSTED]      = { CONNECTED, " but cannot tell that it is the right one. (#4.7.5)", "it has not proven who it is" },
  [TLS_INJECTED]       = { CONNECTED, " but somebody adds to what it says, before TLS. (#4.7.0)", 0 },
  [LOGIN_NOT_OFFERED]  = { CONNECTED, " but it offers no login that will do here. (#4.7.4)", 0 },
  [LOGIN_REFUSED]      = { CONNECTED, " but it refused the login of control/smtpauth. (#4.7.8)", 0 },
  [LOGIN_DOUBTFUL]     = { CONNECTED, " but it does not seem to know the password. (#4.7.0)", 0 },
  [EIGHT_BIT_NOT_TAKEN] = { CONNECTED, " but it takes no 8-bit text, and the message cannot do without. (#5.6.3)", 0 },
  [EIGHT_BIT_NOT_NOW]  = { CONNECTED, " but it does not say now whether it takes 8-bit text. (#4.6.3)", 0 },
  [UTF8_SENDER_NOT_TAKEN] = { CONNECTED, " but it knows no sender beyond ASCII (it has no SMTPUTF8). (#5.6.7)", 0 },
  [UTF8_RECIPIENT_NOT_TAKEN] = { CONNECTED, " but it knows no recipient beyond ASCII (it has no SMTPUTF8). (#5.6.7)", 0 },
  [UTF8_HEADER_NOT_TAKEN] = { CONNECTED, " but it knows no header beyond ASCII (it has no SMTPUTF8). (#5.6.9)", 0 },
  [UTF8_NOT_NOW]       = { CONNECTED, " but it does not say now whether it knows addresses beyond ASCII. (#4.6.7)", 0 },
  [UTF8_NOT_HERE]      = { CONNECTED, " but it knows nothing beyond ASCII (it has no SMTPUTF8), as another one may. (#4.6.7)", "it has no SMTPUTF8" },
  [TOKEN_UNREADABLE]   = { CONNECTED, " but cannot read the token that control/smtpauth names. (#4.3.0)", 0 },
};

bool sentence_is_of_secrecy(enum sentence sentence)
{
  return sentence >= TLS_NOT_OFFERED && sentence <= TLS_UNTRUSTED;
}

void sentence_add(stralloc *to, enum sentence sentence, char const *ip)
{
  text_add(to, texts[sentence].before);
  text_add(to, ip);
  text_add(to, texts[sentence].after);
  text_add(to, "\n");
}

void sentence_add_reply(stralloc *to, struct smtp_reply const *reply)
{
  if (!reply->len) return;
  text_add(to, "Remote host said: ");
  text_addb(to, reply->text, reply->len);
  if (reply->text[reply->len - 1] != '\n') text_add(to, "\n");
}

void sentence_add_reason(stralloc *to, char const *reason)
{
  text_add(to, "Reason: ");
  text_add(to, reason);
  text_add(to, "\n");
}

char const *sentence_in_short(enum sentence sentence)
{
  return texts[sentence].why;
}
