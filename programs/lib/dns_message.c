#include <arpa/nameser.h>
#include <string.h>

#include "dns_message.h"

enum { HEAD_BYTES = 12, FLAGS = 2, SECOND_FLAGS = 3, ANSWER_BIT = 0x80, PROVEN_BIT = 0x20, CODE_BITS = 0x0f, QUESTION_END = 4, RECORD_HEAD = 10 };

static unsigned number(unsigned char const *s)
{
  return (unsigned)s[0] << 8 | s[1];
}

void dns_message_ask_for_proof(unsigned char *question, size_t len)
{
  if (len >= HEAD_BYTES) question[SECOND_FLAGS] |= PROVEN_BIT;
}

static bool skip_name(struct dns_message *m)
{
  unsigned char const *at = m->s + m->at;
  if (ns_name_skip(&at, m->s + m->len) == -1) return false;
  m->at = (size_t)(at - m->s);
  return true;
}

static bool skip_question(struct dns_message *m)
{
  if (!skip_name(m) || m->len - m->at < QUESTION_END) return false;
  m->at += QUESTION_END;
  return true;
}

bool dns_message_begin(struct dns_message *m, unsigned char const *s, size_t len)
{
  if (len < HEAD_BYTES || !(s[FLAGS] & ANSWER_BIT) || number(s + 4) != 1) return false;
  *m = (struct dns_message){
    .s = s, .len = len, .at = HEAD_BYTES, .code = s[SECOND_FLAGS] & CODE_BITS, .answers = number(s + 6), .left = number(s + 6),
    .authentic = s[SECOND_FLAGS] & PROVEN_BIT
  };
  return skip_question(m);
}

static bool take(struct dns_message *m, struct dns_record *r, unsigned *class)
{
  r->owner = m->at;
  if (!skip_name(m) || m->len - m->at < RECORD_HEAD) return false;
  unsigned char const *head = m->s + m->at;
  r->type = number(head);
  *class = number(head + 2);
  r->len = number(head + 8);
  r->data = head + RECORD_HEAD;
  m->at += RECORD_HEAD;
  if (m->len - m->at < r->len) return false;
  m->at += r->len;
  return true;
}

bool dns_message_next(struct dns_message *m, struct dns_record *r)
{
  unsigned class = 0;
  do {
    if (!m->left || !take(m, r, &class)) return m->left = 0, false;
    m->left--;
  } while (class != ns_c_in);
  return true;
}

bool dns_message_name(char name[DNS_NAME_MAX + 1], struct dns_message const *m, size_t at)
{
  return at < m->len && ns_name_uncompress(m->s, m->s + m->len, m->s + at, name, DNS_NAME_MAX + 1) != -1;
}

size_t dns_message_text(char *to, size_t max, struct dns_record const *r)
{
  size_t at = 0, len = 0;
  while (at < r->len) {
    size_t part = r->data[at++];
    if (part > r->len - at) part = r->len - at;
    size_t taken = part < max - len ? part : max - len;
    if (taken) memcpy(to + len, r->data + at, taken);
    len += taken;
    at += part;
  }
  return len;
}
