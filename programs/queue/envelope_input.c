#include <string.h>

#include "envelope_extra.h"
#include "envelope_input.h"

enum { WANTS_SENDER, IN_SENDER, WANTS_RECIPIENT, IN_RECIPIENT, IN_EXTRA, STATES };

/* What begins a record, and what the end of one means. */
static struct { char letter; int then; enum envelope_event complete; } const states[STATES] = {
  [WANTS_SENDER]    = { 'F', IN_SENDER,       ENVELOPE_MORE      },
  [IN_SENDER]       = {  0,  WANTS_RECIPIENT, ENVELOPE_SENDER    },
  [WANTS_RECIPIENT] = { 'T', IN_RECIPIENT,    ENVELOPE_MORE      },
  [IN_RECIPIENT]    = {  0,  WANTS_RECIPIENT, ENVELOPE_RECIPIENT },
  [IN_EXTRA]        = {  0,  WANTS_RECIPIENT, ENVELOPE_EXTRA     }
};

/* Each of the message, or of a recipient, at most once. */
static bool begins_extra(struct envelope_input *e, char c)
{
  unsigned bit = extra_bit(c);
  if (e->state != WANTS_RECIPIENT || !extra_is_known(c, e->recipients) || e->extras & bit) return false;
  e->extras |= bit;
  e->letter = c;
  e->state = IN_EXTRA;
  return true;
}

static void begin_address(struct envelope_input *e)
{
  e->recipients = e->state == WANTS_RECIPIENT;
  e->extras = 0;
  e->state = states[e->state].then;
}

/* The letter of a record, or the NUL that ends the envelope. */
static enum envelope_event take_letter(struct envelope_input *e, char c)
{
  if (c == 0 && e->state == WANTS_RECIPIENT) return ENVELOPE_END;
  if (c == states[e->state].letter) begin_address(e);
  else if (!begins_extra(e, c)) return ENVELOPE_MALFORMED;
  e->len = 0;
  return ENVELOPE_MORE;
}

static enum envelope_event take_text(struct envelope_input *e, char const *s, size_t n, size_t *at)
{
  char const *nul = memchr(s + *at, 0, n - *at);
  size_t piece = (nul ? (size_t)(nul - s) : n) - *at;
  if (piece > QUEUE_ADDRESS_MAX - e->len) return ENVELOPE_TOO_LONG;
  memcpy(e->address + e->len, s + *at, piece);
  e->len += piece;
  *at += piece;
  if (!nul) return ENVELOPE_MORE;
  ++*at;
  enum envelope_event complete = states[e->state].complete;
  if (complete == ENVELOPE_EXTRA && !extra_fits(e->letter, e->address, e->len)) return ENVELOPE_MALFORMED;
  e->state = states[e->state].then;
  return complete;
}

enum envelope_event envelope_take(struct envelope_input *e, char const *s, size_t n, size_t *at)
{
  enum envelope_event event = ENVELOPE_MORE;
  while (*at < n && event == ENVELOPE_MORE)
    event = states[e->state].letter ? take_letter(e, s[(*at)++]) : take_text(e, s, n, at);
  return event;
}
