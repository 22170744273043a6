/* A whole conversation with a server: a byte that tells the recipients, all that the server says, a NUL, the
   message. No recipient is forgotten, K is said only of what was sent to its end and accepted, and no line
   but our own is sent. */

#include <setjmp.h>

#include "fuzz.h"
#include "server.h"

#include "remote_report.h"
#include "remote_session.h"

static jmp_buf end;
static char letter;               /* of the message's record; 'n' when another server is to be tried */
static size_t answered, accepted_count;

static _Noreturn void over(char how)
{
  letter = how;
  longjmp(end, 1);
}

/* ---- in place of remote_report.c ---- */

void report_recipient(char how, char const *text, size_t len)
{
  assert((how == 'r' || how == 'h' || how == 's') && !holds(text, len, 0));
  answered++;
  accepted_count += how == 'r';
}

_Noreturn void report_message(char how, char const *text, size_t len)
{
  assert(len && !holds(text, len, 0) && strchr("KZD", how));
  over(how);
}

void report_contact(enum report_contact contact) { (void)contact; }
void report_passed_on(void) { }
void report_most(size_t most) { assert(most > 0); }
_Noreturn void report_text(char how, char const *text) { report_message(how, text, strlen(text)); }
_Noreturn void report_nomem(void) { abort(); }

/* ---- the conversation ---- */

static void hold(struct session const *s)
{
  letter = 0;
  answered = accepted_count = 0;
  if (!setjmp(end)) {
    struct session_failure f = session_run(s);
    assert(f.why && f.text->len && !holds(f.text->s, f.text->len, 0) && !answered);
    letter = 'n';
  }
  connection_close(s->connection);
}

static void check(struct session const *s, char const *sent, size_t len)
{
  static char const last[] = "\r\n.\r\n";
  assert(times(sent, len, "\n") == times(sent, len, "\r\n") && times(sent, len, "\r") == times(sent, len, "\r\n"));
  assert(answered <= s->count);
  if (letter != 'K') return;
  assert(answered == s->count && accepted_count > 0);
  assert(times(sent, len, last) > 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char sent[1 << 21];
  static char const *const recipients[] = { "c@d", 0, "e@f", "\"g h\"@i" };
  static int file = -1;
  struct part text = whole(data, size);
  unsigned who = part_byte(&text);
  struct part says = part_before(&text, 0);
  struct message message;
  if (file == -1) file = file_new();
  file_fill(file, text.s, text.len);
  assert(message_examine(&message, file));
  int fd = server_open(says);
  struct connection connection = { .in = fd, .out = fd, .ip = "192.0.2.1" };
  struct session const s = {
    .host = "example.net", .server = "mx.example.net",
    .helohost = "h", .connection = &connection, .times = { .answer = 5, .dot = 5, .data = 5, .envelope = 60, .whole = 60 },
    .sender = "a@b", .message = &message,
    .extras = who & 64 ? "eid rFULL\nnNEVER orfc822;c\n\nnSUCCESS" : "", .recipients = recipients + who % 4, .count = 1 + who / 4 % (4 - who % 4)
  };
  hold(&s);
  check(&s, sent, server_close(sent, sizeof sent));
  return 0;
}
