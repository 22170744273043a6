#include "auth_wire.h"
#include "netstrings.h"
#include "parts.h"

static char const *const verbs[AUTH_VERBS] = {
  [AUTH_PASSWORD] = "password", [AUTH_SALT] = "salt", [AUTH_MAY_TRY] = "may try", [AUTH_HAS_FAILED] = "has failed", [AUTH_LIST] = "list",
  [AUTH_EMPTY] = "empty"
};

static char const *const words[AUTH_WORDS] = {
  [AUTH_LET_IN] = "let in", [AUTH_WRONG] = "wrong", [AUTH_DENIED] = "denied", [AUTH_MUST_WAIT] = "must wait",
  [AUTH_TROUBLE] = "trouble"
};

bool auth_is_quick(enum auth_verb verb)
{
  return verb != AUTH_PASSWORD && verb != AUTH_SALT;
}

/* ---- the question ---- */

enum { VERB, ACCESS, LOGIN, SECRET, CHALLENGE, CLIENT_IP, LOCAL_IP, QUESTION_PARTS };

size_t auth_question_pack(char to[AUTH_QUESTION_MAX], struct auth_question const *q)
{
  struct field const parts[QUESTION_PARTS] = {
    [VERB] = field_of(verbs[q->verb]), [ACCESS] = field_of(users_accesses[q->access]), [LOGIN] = q->login,
    [SECRET] = q->secret, [CHALLENGE] = q->challenge, [CLIENT_IP] = q->client_ip, [LOCAL_IP] = q->local_ip
  };
  return netstrings_pack(to, AUTH_QUESTION_MAX, parts, QUESTION_PARTS);
}

long auth_question_unpack(struct auth_question *q, char const *s, size_t len)
{
  struct field parts[QUESTION_PARTS];
  long n = netstrings_unpack(parts, QUESTION_PARTS, s, len, AUTH_QUESTION_MAX);
  if (n <= 0) return n;
  size_t verb = part_word_find(verbs, AUTH_VERBS, parts[VERB]);
  size_t access = part_word_find(users_accesses, USERS_ACCESSES, parts[ACCESS]);
  if (verb == AUTH_VERBS || access == USERS_ACCESSES) return -1;
  *q = (struct auth_question){
    (enum auth_verb)verb, (enum users_access)access,
    parts[LOGIN], parts[SECRET], parts[CHALLENGE], parts[CLIENT_IP], parts[LOCAL_IP]
  };
  return n;
}

/* ---- the answer ---- */

enum { WORD, SECONDS, NAME, TEXT, ANSWER_PARTS };

size_t auth_answer_pack(char to[AUTH_ANSWER_MAX], struct auth_answer const *a)
{
  char digits[PART_DIGITS];
  struct field const parts[ANSWER_PARTS] = {
    [WORD] = field_of(words[a->said]), [SECONDS] = part_number(digits, a->seconds), [NAME] = a->login, [TEXT] = a->text
  };
  return netstrings_pack(to, AUTH_ANSWER_MAX, parts, ANSWER_PARTS);
}

long auth_answer_unpack(struct auth_answer *a, char const *s, size_t len)
{
  struct field parts[ANSWER_PARTS];
  uint32_t seconds;
  long n = netstrings_unpack(parts, ANSWER_PARTS, s, len, AUTH_ANSWER_MAX);
  if (n <= 0) return n;
  size_t said = part_word_find(words, AUTH_WORDS, parts[WORD]);
  if (said == AUTH_WORDS || !part_number_read(&seconds, parts[SECONDS])) return -1;
  *a = (struct auth_answer){ (enum auth_said)said, seconds, parts[NAME], parts[TEXT] };
  return n;
}
