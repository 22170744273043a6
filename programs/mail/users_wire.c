#include <stdio.h>

#include "netstrings.h"
#include "parts.h"
#include "users_wire.h"
#include "vflags.h"

enum { PARTS = 7, STAYS = '+' };

static char const *const verbs[USERS_VERBS] = {
  [USERS_WHO] = "who", [USERS_PASSWORD] = "password", [USERS_LOGIN] = "login", [USERS_TOKEN] = "token",
  [USERS_LOGOUT] = "logout", [USERS_ACCOUNT] = "account", [USERS_HOST] = "host", [USERS_ROAMING] = "roaming",
  [USERS_NOTED] = "noted", [USERS_SALT] = "salt", [USERS_CHANGED] = "changed"
};

char const *const users_accesses[USERS_ACCESSES] = {
  [USERS_POP3] = "pop3", [USERS_IMAP] = "imap", [USERS_SMTP] = "smtp", [USERS_WEBMAIL] = "webmail"
};

static char const *const words[SAID_WORDS] = {
  [SAID_MAILBOX] = "mailbox", [SAID_TAKEN] = "taken", [SAID_UNSEEN] = "unseen", [SAID_LET_IN] = "let in",
  [SAID_NOBODY] = "nobody", [SAID_LOCKED] = "locked", [SAID_FULL] = "full", [SAID_FULL_NOW] = "full now",
  [SAID_WRONG] = "wrong", [SAID_DENIED] = "denied", [SAID_NOT_YOURS] = "not yours", [SAID_ELSEWHERE] = "elsewhere",
  [SAID_TROUBLE] = "trouble", [SAID_WRONG_LATELY] = "wrong lately"
};

/* ---- what belongs to a word ---- */

enum users_verb users_door(enum users_verb verb)
{
  return verb == USERS_PASSWORD || verb == USERS_LOGIN || verb == USERS_SALT ? USERS_PASSWORD : USERS_WHO;
}

bool users_is_harmless(enum users_verb verb)
{
  return verb == USERS_WHO || verb == USERS_ROAMING;
}

void users_owner_path(char to[USERS_PATH_SIZE], enum users_verb verb, uint32_t uid)
{
  snprintf(to, USERS_PATH_SIZE, USERS_OWNERS "/%lu%s", (unsigned long)uid, users_door(verb) == USERS_PASSWORD ? ".password" : "");
}

uint32_t users_closing_flag(enum users_access access)
{
  static uint32_t const flags[USERS_ACCESSES] = {
    [USERS_POP3] = VFLAG_NO_POP, [USERS_IMAP] = VFLAG_NO_IMAP, [USERS_SMTP] = VFLAG_NO_SMTP,
    [USERS_WEBMAIL] = VFLAG_NO_WEBMAIL
  };
  return flags[access];
}

/* ---- the question ---- */

enum { VERB, ACCESS, NAME, SECRET, CHALLENGE, CLIENT_IP, LOCAL_IP };

size_t users_question_pack(char to[USERS_QUESTION_MAX], struct users_question const *q)
{
  struct field const parts[PARTS] = {
    [VERB] = field_of(verbs[q->verb]), [ACCESS] = field_of(users_accesses[q->access]), [NAME] = q->name, [SECRET] = q->secret,
    [CHALLENGE] = q->challenge, [CLIENT_IP] = q->client_ip, [LOCAL_IP] = q->local_ip
  };
  to[0] = STAYS;
  size_t const len = netstrings_pack(to + q->stays, USERS_QUESTION_MAX - q->stays, parts, PARTS);
  return len ? len + q->stays : 0;
}

long users_question_unpack(struct users_question *q, char const *s, size_t len)
{
  struct field parts[PARTS];
  bool const stays = len && s[0] == STAYS;
  long n = netstrings_unpack(parts, PARTS, s + stays, len - stays, USERS_QUESTION_MAX - stays);
  if (n <= 0) return n;
  size_t verb = part_word_find(verbs, USERS_VERBS, parts[VERB]), access = part_word_find(users_accesses, USERS_ACCESSES, parts[ACCESS]);
  if (verb == USERS_VERBS || access == USERS_ACCESSES) return -1;
  *q = (struct users_question){
    (enum users_verb)verb, (enum users_access)access,
    parts[NAME], parts[SECRET], parts[CHALLENGE], parts[CLIENT_IP], parts[LOCAL_IP], stays
  };
  return n + stays;
}

/* ---- the answer ---- */

enum { WORD, UID, GID, FLAGS, USER, DOMAIN, HOME_DIR };

size_t users_answer_pack(char to[USERS_ANSWER_MAX], struct users_answer const *a)
{
  char numbers[3][PART_DIGITS];
  struct field const parts[PARTS] = {
    [WORD] = field_of(words[a->said]), [UID] = part_number(numbers[0], a->uid), [GID] = part_number(numbers[1], a->gid),
    [FLAGS] = part_number(numbers[2], a->flags), [USER] = a->user, [DOMAIN] = a->domain, [HOME_DIR] = a->home
  };
  return netstrings_pack(to, USERS_ANSWER_MAX, parts, PARTS);
}

long users_answer_unpack(struct users_answer *a, char const *s, size_t len)
{
  struct field parts[PARTS];
  long n = netstrings_unpack(parts, PARTS, s, len, USERS_ANSWER_MAX);
  if (n <= 0) return n;
  size_t said = part_word_find(words, SAID_WORDS, parts[WORD]);
  struct users_answer read = { .said = (enum users_said)said, .user = parts[USER], .domain = parts[DOMAIN], .home = parts[HOME_DIR] };
  if (said == SAID_WORDS || !part_number_read(&read.uid, parts[UID]) || !part_number_read(&read.gid, parts[GID])
      || !part_number_read(&read.flags, parts[FLAGS])) return -1;
  *a = read;
  return n;
}
