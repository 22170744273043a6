#include "limit_wire.h"
#include "netstrings.h"
#include "parts.h"

static char const *const verbs[LIMIT_VERBS] = {
  [LIMIT_CONNECT] = "connect", [LIMIT_SEND] = "send", [LIMIT_DONE] = "done", [LIMIT_LIST] = "list", [LIMIT_CLEAR] = "clear"
};

static char const *const words[LIMIT_WORDS] = { [LIMIT_GRANTED] = "granted", [LIMIT_MUST_WAIT] = "must wait" };

/* ---- the question ---- */

enum { VERB, CLASS, ADDRESS, LOGIN, DOMAIN, MESSAGES, RECIPIENTS, WANTED, QUESTION_PARTS };

size_t limit_question_pack(char to[LIMIT_QUESTION_MAX], struct limit_question const *q)
{
  char digits[3][PART_DIGITS];
  struct field const parts[QUESTION_PARTS] = {
    [VERB] = field_of(verbs[q->verb]), [CLASS] = q->class, [ADDRESS] = q->address, [LOGIN] = q->login, [DOMAIN] = q->domain,
    [MESSAGES] = part_number(digits[0], q->messages), [RECIPIENTS] = part_number(digits[1], q->recipients),
    [WANTED] = part_number(digits[2], q->wanted)
  };
  return netstrings_pack(to, LIMIT_QUESTION_MAX, parts, QUESTION_PARTS);
}

long limit_question_unpack(struct limit_question *q, char const *s, size_t len)
{
  struct field parts[QUESTION_PARTS];
  long n = netstrings_unpack(parts, QUESTION_PARTS, s, len, LIMIT_QUESTION_MAX);
  if (n <= 0) return n;
  size_t verb = part_word_find(verbs, LIMIT_VERBS, parts[VERB]);
  *q = (struct limit_question){
    .verb = (enum limit_verb)verb, .class = parts[CLASS], .address = parts[ADDRESS], .login = parts[LOGIN], .domain = parts[DOMAIN]
  };
  if (verb == LIMIT_VERBS || !part_number_read(&q->messages, parts[MESSAGES])
      || !part_number_read(&q->recipients, parts[RECIPIENTS]) || !part_number_read(&q->wanted, parts[WANTED])) return -1;
  return n;
}

/* ---- the answer ---- */

enum { WORD, SECONDS, MAY_SEND, MAY_REACH, BY_DOMAIN, TEXT, ANSWER_PARTS };

size_t limit_answer_pack(char to[LIMIT_ANSWER_MAX], struct limit_answer const *a)
{
  char digits[4][PART_DIGITS];
  struct field const parts[ANSWER_PARTS] = {
    [WORD] = field_of(words[a->said]), [SECONDS] = part_number(digits[0], a->seconds),
    [MAY_SEND] = part_number(digits[1], a->messages), [MAY_REACH] = part_number(digits[2], a->recipients),
    [BY_DOMAIN] = part_number(digits[3], a->by_domain), [TEXT] = a->text
  };
  return netstrings_pack(to, LIMIT_ANSWER_MAX, parts, ANSWER_PARTS);
}

long limit_answer_unpack(struct limit_answer *a, char const *s, size_t len)
{
  struct field parts[ANSWER_PARTS];
  long n = netstrings_unpack(parts, ANSWER_PARTS, s, len, LIMIT_ANSWER_MAX);
  if (n <= 0) return n;
  size_t said = part_word_find(words, LIMIT_WORDS, parts[WORD]);
  *a = (struct limit_answer){ .said = (enum limit_said)said, .text = parts[TEXT] };
  if (said == LIMIT_WORDS || !part_number_read(&a->seconds, parts[SECONDS]) || !part_number_read(&a->messages, parts[MAY_SEND])
      || !part_number_read(&a->recipients, parts[MAY_REACH]) || !part_number_read(&a->by_domain, parts[BY_DOMAIN])) return -1;
  return n;
}
