#include <string.h>
#include <strings.h>

#include "field.h"

static struct field_rule const rules[] = {
  { "To",                 FIELD_TO,                ADDRESSES | RECIPIENTS | COUNTED },
  { "Cc",                 FIELD_CC,                ADDRESSES | RECIPIENTS | COUNTED },
  { "Bcc",                FIELD_BCC,               ADDRESSES | RECIPIENTS | DROPPED },
  { "Apparently-To",      FIELD_APPARENTLY_TO,     ADDRESSES | RECIPIENTS },
  { "From",               FIELD_FROM,              ADDRESSES },
  { "Sender",             FIELD_SENDER,            ADDRESSES },
  { "Reply-To",           FIELD_REPLY_TO,          ADDRESSES },
  { "Return-Receipt-To",  FIELD_RECEIPT_TO,        ADDRESSES },
  { "Errors-To",          FIELD_ERRORS_TO,         ADDRESSES },
  { "Date",               FIELD_DATE,              0 },
  { "Message-ID",         FIELD_MESSAGE_ID,        0 },
  { "Mail-Followup-To",   FIELD_FOLLOWUP_TO,       0 },
  { "Resent-To",          FIELD_RESENT_TO,         RESENT | ADDRESSES | RECIPIENTS },
  { "Resent-Cc",          FIELD_RESENT_CC,         RESENT | ADDRESSES | RECIPIENTS },
  { "Resent-Bcc",         FIELD_RESENT_BCC,        RESENT | ADDRESSES | RECIPIENTS | DROPPED },
  { "Resent-From",        FIELD_RESENT_FROM,       RESENT | ADDRESSES },
  { "Resent-Sender",      FIELD_RESENT_SENDER,     RESENT | ADDRESSES },
  { "Resent-Reply-To",    FIELD_RESENT_REPLY_TO,   RESENT | ADDRESSES },
  { "Resent-Date",        FIELD_RESENT_DATE,       RESENT },
  { "Resent-Message-ID",  FIELD_RESENT_MESSAGE_ID, RESENT },
  { "Return-Path",        FIELD_RETURN_PATH,       ADDRESSES | DROPPED },
  { "Content-Length",     FIELD_CONTENT_LENGTH,    DROPPED }
};
static struct field_rule const unknown = { "", FIELD_OTHER, 0 };

struct field_rule const *field_rule(char const *name, size_t len)
{
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (strlen(rules[i].name) == len && !strncasecmp(rules[i].name, name, len)) return &rules[i];
  return &unknown;
}
