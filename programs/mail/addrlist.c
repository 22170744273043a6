#include "addrlist.h"
#include "text.h"

/* Where the reader stands, on his way from right to left. */
enum state {
  BETWEEN,        /* behind a comma, a semicolon or the end: nothing of the next member was seen */
  WORD, LINK,     /* inside an address without <>, its leftmost token so far a word, or a dot or @ */
  ANGLE,          /* inside <>, where a word may come */
  ANGLE_WORD,     /* inside <>, left of a word */
  NAME,           /* left of < or of a group's colon: the phrase */
  BROKEN
};

static bool in_plain(enum state s) { return s == WORD || s == LINK; }
static bool in_angle(enum state s) { return s == ANGLE || s == ANGLE_WORD; }

enum input { IN_WORD, IN_LINK, IN_COMMA, IN_COLON, IN_SEMICOLON, IN_LEFT, IN_RIGHT, INPUTS };

static unsigned char const next[BROKEN][INPUTS] = {
  /*               word        link   comma    colon  semicolon  <       >      */
  [BETWEEN]    = { WORD,       LINK,  BETWEEN, NAME,  BETWEEN,   BROKEN, ANGLE  },
  [WORD]       = { WORD,       LINK,  BETWEEN, NAME,  BETWEEN,   BROKEN, ANGLE  },
  [LINK]       = { WORD,       LINK,  BETWEEN, NAME,  BETWEEN,   BROKEN, ANGLE  },
  [ANGLE]      = { ANGLE_WORD, ANGLE, ANGLE,   ANGLE, BROKEN,    NAME,   BROKEN },
  [ANGLE_WORD] = { BROKEN,     ANGLE, ANGLE,   ANGLE, BROKEN,    NAME,   BROKEN },
  [NAME]       = { NAME,       NAME,  BETWEEN, NAME,  BETWEEN,   BROKEN, ANGLE  },
};

static enum input input_of(struct token const *t)
{
  static unsigned char const inputs[] = {
    [TOKEN_ATOM] = IN_WORD, [TOKEN_ENCODED] = IN_WORD, [TOKEN_QUOTED] = IN_WORD, [TOKEN_LITERAL] = IN_WORD,
    [TOKEN_DOT] = IN_LINK, [TOKEN_AT] = IN_LINK, [TOKEN_COMMA] = IN_COMMA, [TOKEN_COLON] = IN_COLON,
    [TOKEN_SEMICOLON] = IN_SEMICOLON, [TOKEN_LEFT] = IN_LEFT, [TOKEN_RIGHT] = IN_RIGHT
  };
  return inputs[t->kind];
}

struct reader {
  struct addrlist *list;
  struct token *tokens;
  enum state state;
  bool in_group;            /* a semicolon waits for its colon */
  size_t member;            /* leftmost token of the member being read, comments aside */
  struct addrlist_span span;
};

/* <> is an address; any other has a word in it, behind the source route. A source route is @a,@b: and only at
   the left end; no other comma or colon may stand in an address. */
static bool span_is_sound(struct reader const *r)
{
  bool in_route = false, at_start = true, empty = r->span.first == r->span.end, has_word = empty;
  for (size_t i = r->span.first; i < r->span.end; i++) {
    struct token const *t = &r->tokens[i];
    if (t->kind == TOKEN_COMMENT) continue;
    if (at_start) in_route = t->kind == TOKEN_AT;
    if (!in_route && (t->kind == TOKEN_COMMA || t->kind == TOKEN_COLON)) return false;
    at_start = in_route && t->kind == TOKEN_COLON;
    if (at_start) in_route = false;
    else if (!in_route && token_is_word(t)) has_word = true;
  }
  return !in_route && has_word;
}

static enum addrlist_result end_address(struct reader *r)
{
  if (!span_is_sound(r)) return ADDRLIST_SYNTAX;
  if (addrlist_count(r->list) == ADDRLIST_MAX) return ADDRLIST_TOO_MANY;
  if (!genalloc_append(struct addrlist_span, &r->list->spans, &r->span)) die_nomem();
  return ADDRLIST_OK;
}

/* Whether the token to the left ends the address that is open. */
static bool ends_open_address(struct reader const *r, enum input in)
{
  if (in_angle(r->state)) return in == IN_LEFT;
  if (r->state == WORD) return in != IN_LINK;
  return r->state == LINK && in != IN_LINK && in != IN_WORD;
}

/* Whether the token to the left belongs to another member of the list, with no comma in between. */
static bool needs_comma(struct reader const *r, enum input in)
{
  if (in == IN_WORD) return r->state == WORD;
  return (in == IN_RIGHT || in == IN_SEMICOLON) && (in_plain(r->state) || r->state == NAME);
}

static bool group_sign_is_sound(struct reader *r, enum input in)
{
  if (in_angle(r->state)) return true;
  if (in == IN_COLON && !r->in_group) return false;
  if (in == IN_SEMICOLON && r->in_group) return false;
  if (in == IN_COLON || in == IN_SEMICOLON) r->in_group = in == IN_SEMICOLON;
  return true;
}

/* Puts token i where it belongs, now that the state before and behind it are known. */
static void place(struct reader *r, size_t i, enum input in, enum state after)
{
  bool new_member = needs_comma(r, in);
  if (new_member) r->tokens[r->member].comma_missing = true;
  if (in == IN_RIGHT) r->span = (struct addrlist_span){ i, i };
  else if (in_plain(after) && (new_member || r->state == BETWEEN)) r->span = (struct addrlist_span){ i, i + 1 };
  else if (in_plain(after) || in_angle(after)) r->span.first = i;
  r->tokens[i].phrase = after == NAME && (in == IN_WORD || in == IN_LINK);
  r->member = i;
}

static enum addrlist_result step(struct reader *r, size_t i)
{
  enum input in = input_of(&r->tokens[i]);
  enum state after = next[r->state][in];
  if (after == BROKEN || !group_sign_is_sound(r, in)) return ADDRLIST_SYNTAX;
  if (ends_open_address(r, in)) {
    enum addrlist_result result = end_address(r);
    if (result != ADDRLIST_OK) return result;
  }
  place(r, i, in, after);
  r->state = after;
  return ADDRLIST_OK;
}

static enum addrlist_result read_leftwards(struct reader *r)
{
  enum addrlist_result result = ADDRLIST_OK;
  for (size_t i = genalloc_len(struct token, &r->list->tokens); i-- > 0 && result == ADDRLIST_OK;)
    if (r->tokens[i].kind != TOKEN_COMMENT) result = step(r, i);
  if (result != ADDRLIST_OK) return result;
  if (in_angle(r->state)) return ADDRLIST_SYNTAX;
  return in_plain(r->state) ? end_address(r) : ADDRLIST_OK;
}

enum addrlist_result addrlist_parse(struct addrlist *list, char const *s, size_t len)
{
  genalloc_setlen(struct addrlist_span, &list->spans, 0);
  enum token_result split = token_split(&list->tokens, s, len);
  if (split != TOKEN_OK) return split == TOKEN_DEPTH ? ADDRLIST_DEPTH : ADDRLIST_SYNTAX;
  struct reader r = { .list = list, .tokens = genalloc_s(struct token, &list->tokens), .state = BETWEEN };
  return read_leftwards(&r);
}

void addrlist_free(struct addrlist *list)
{
  genalloc_free(struct token, &list->tokens);
  genalloc_free(struct addrlist_span, &list->spans);
}
