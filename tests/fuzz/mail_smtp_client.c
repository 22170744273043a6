/* The client's steps with a server, among them AUTH, and STARTTLS as if TLS were plain text: a byte that tells the recipients, all that the server says, a NUL, the message.
   Recipients are heard of in turn and once, a message is sent only where one was taken, accepted only with its end
   sent and an answer 2xx, and no line but our own is sent. */

#include "fuzz.h"
#include "server.h"

#include "smtp_client.h"

static struct smtp_client client;
static struct part message;
static size_t asked, heard, taken;

static char const *recipient(size_t i)
{
  static char const *const recipients[] = { "c@d", 0, "\"g h\"@i" };
  return recipients[i % 3];
}

static void hear(size_t i, struct smtp_reply const *reply)
{
  assert(i == heard++ && i < asked && !reply == !recipient(i));
  if (reply) assert(reply->code >= 200 && reply->code < 600 && reply->code / 100 != 3);
  taken += reply && reply->code < 300;
}

static bool begin(void)
{
  return message.len % 8 != 7;
}

/* Some servers answer before the end. */
static ssize_t next(char const **piece)
{
  if (asked == 5) server_speak();
  size_t len = message.len < 100 ? message.len : 100;
  *piece = message.s;
  message.s += len;
  message.len -= len;
  return (ssize_t)len;
}

static enum smtp_outcome transaction(void)
{
  static struct smtp_source const source = { begin, next };
  struct smtp_envelope const envelope = {
    .sender = "a@b", .size = message.len, .eight_bit = asked & 1, .count = asked, .recipient = recipient, .heard = hear
  };
  heard = taken = 0;
  enum smtp_outcome o = smtp_client_envelope(&client, &envelope);
  assert((o == SMTP_OK) <= (taken > 0) && (o == SMTP_NOBODY_TAKEN) <= (heard == asked && !taken));
  if (o == SMTP_OK) o = smtp_client_message(&client, &source);
  if (o == SMTP_OK) o = smtp_client_verdict(&client);
  if (o == SMTP_OK) assert(client.reply.code / 100 == 2 && client.stage == SMTP_DOT_SENT);
  return o;
}

/* Nothing that came before is left, and what came too early is not believed. */
static enum smtp_outcome encrypt(int fd)
{
  enum smtp_outcome o = smtp_client_starttls(&client);
  if (o == SMTP_TLS_REFUSED) return SMTP_OK;
  if (o != SMTP_OK) return o;
  assert(client.net.begin == client.net.end && client.reply.code == 220);
  o = smtp_client_greet_again(&client, fd, fd, "h");
  if (o == SMTP_OK) assert(!client.offered || client.offered == smtp_reply_extensions(client.reply.text, client.reply.len));
  return o;
}

static enum smtp_outcome log_in(void)
{
  static struct sasl_client sasl;
  static struct sasl_secret const who = { .login = { "a", 1 }, .secret = { "b", 1 } };
  struct field offered = smtp_reply_auth(client.reply.text, client.reply.len);
  if (!sasl_client_begin(&sasl, &who, offered, true, "rOprNGfwEbeRWgbNEkqO")) return SMTP_OK;
  enum smtp_outcome o = smtp_client_login(&client, &sasl);
  if (o == SMTP_OK) assert(client.reply.code == 235 && sasl_client_is_content(&sasl));
  return o;
}

static void check(char const *sent, size_t len, bool accepted)
{
  size_t ends = times(sent, len, "\r\n");
  assert(times(sent, len, "\n") == ends && times(sent, len, "\r") == ends);
  if (accepted) assert(times(sent, len, "\r\n.\r\n") > 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static char sent[1 << 21];
  static struct smtp_times const times = { .answer = 5, .dot = 5, .data = 5, .envelope = 60, .whole = 60 };
  struct part text = whole(data, size);
  bool accepted = false;
  asked = 1 + part_byte(&text) % 5;
  struct part says = part_before(&text, 0);
  int fd = server_open(says);
  smtp_client_begin(&client, fd, fd, &times);
  enum smtp_outcome o = smtp_client_greet(&client, "h");
  if (o == SMTP_OK && client.offered & SMTP_OFFERS_STARTTLS) o = encrypt(fd);
  if (o == SMTP_OK) o = log_in();
  for (int i = 0; i < 3 && o == SMTP_OK; i++) {
    message = text;
    o = transaction();
    accepted = accepted || o == SMTP_OK;
    if (o == SMTP_OK || o == SMTP_NOBODY_TAKEN) o = smtp_client_reset(&client);
  }
  assert(o < SMTP_OUTCOMES);
  if (o != SMTP_UNREADABLE && client.stage != SMTP_SENDING) smtp_client_part(&client);
  close(fd);
  check(sent, server_close(sent, sizeof sent), accepted);
  return 0;
}
