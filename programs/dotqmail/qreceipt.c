/* qreceipt: tell the sender that his message has arrived, if its header asks for that.

   runs as   whose .qmail file it is
   reads     the message on descriptor 0; SENDER
   changes   the queue
   exits     0 told, or not asked; 100 wrong use, a header that cannot be understood, or refused by the queue for good; 111 trouble
*/

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/sig.h>
#include <skalibs/strerr.h>

#include "address.h"
#include "addrlist.h"
#include "line_message.h"
#include "mail_header.h"
#include "mark.h"
#include "queue_client.h"
#include "rewrite.h"
#include "text.h"

MARK("qreceipt");

enum { NEVER = 100, LATER = 111 };

static char const wish[] = "Notice-Requested-Upon-Delivery-To";
static struct mail_header header = MAIL_HEADER_ZERO;

static void read_header(void)
{
  switch (mail_header_read(&header, buffer_0)) {
    case MAIL_HEADER_OK: return;
    case MAIL_HEADER_TOO_LONG: strerr_dief(NEVER, "the header has more than 1048576 bytes");
    default: strerr_diefusys(LATER, "read message");
  }
}

/* ---- whether it is asked ---- */

static bool list_has(struct addrlist const *list, struct field address)
{
  static stralloc plain = STRALLOC_ZERO;
  for (size_t i = 0; i < addrlist_count(list); i++) {
    rewrite_plain(&plain, genalloc_s(struct token const, &list->tokens), *addrlist_span(list, i));
    if (field_same((struct field){ plain.s, plain.len }, address)) return true;
  }
  return false;
}

static bool field_has(struct mail_header_field const *f, struct field address)
{
  struct addrlist list = ADDRLIST_ZERO;
  struct field value = mail_header_value(&header, f);
  stralloc text = STRALLOC_ZERO;
  token_unfold(&text, value.s, value.len);
  text_room(&text, 1);
  if (addrlist_parse(&list, text.s, text.len) != ADDRLIST_OK) strerr_dief(NEVER, "unable to parse ", wish);
  bool has = list_has(&list, address);
  addrlist_free(&list);
  stralloc_free(&text);
  return has;
}

static bool is_asked(struct field address)
{
  bool asked = false;
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    struct field name = mail_header_name(&header, mail_header_field(&header, i));
    if (name.len == sizeof wish - 1 && strncasecmp(name.s, wish, name.len) == 0)
      asked = field_has(mail_header_field(&header, i), address) || asked;
  }
  return asked;
}

/* ---- the notice ---- */

static void compose(stralloc *to, char const *sender, char const *address)
{
  static stralloc quoted = STRALLOC_ZERO;
  struct field id;
  while (!address_quote(&quoted, sender, strlen(sender))) memory_gone();
  text_add(to, "From: DELIVERY NOTICE SYSTEM <");
  text_addx(to, &quoted);
  text_add(to, ">\nTo: <");
  text_addx(to, &quoted);
  text_add(to, ">\nSubject: success notice\n\nHi! This is the qreceipt program. Your message was delivered to the\nfollowing address: ");
  text_add(to, address);
  text_add(to, ". Thanks for asking.\n");
  if (!mail_header_find(&id, &header, "Message-ID")) return;
  text_add(to, "Your Message-ID: ");
  text_addb(to, id.s, id.len);
  text_add(to, "\n");
}

static void tell(char const *sender, char const *address)
{
  static struct queue_client q;
  stralloc notice = STRALLOC_ZERO;
  compose(&notice, sender, address);
  if (!queue_client_open(&q)) strerr_diefusys(LATER, "fork");
  queue_client_put(&q, notice.s, notice.len);
  queue_client_from(&q, "", 0);
  queue_client_to(&q, sender, strlen(sender));
  char const *verdict = queue_client_close(&q);
  if (*verdict) strerr_dief(queue_client_end(verdict), verdict + 1);
}

int main(int argc, char const *const *argv)
{
  PROG = "qreceipt";
  if (argc != 2) strerr_dieusage(NEVER, "qreceipt address");
  char const *sender = line_variable("SENDER");
  sig_altignore(SIGPIPE);
  read_header();
  bool is_sender = *sender && strcmp(sender, "#@[]") != 0 && !strpbrk(sender, "\r\n");
  if (is_sender && is_asked(field_of(argv[1]))) tell(sender, argv[1]);
  return 0;
}
