/* ezmlm-reject: refuse posts that are not fit for a list.

   runs as   the list's owner, from the list's .qmail file
   reads     the post on descriptor 0, the list's settings, SENDER
   changes   nothing; with -f it queues the header of a command for the address that understands it
   exits     0 it is fit, 99 it is thrown away, or was a command, 100 it is refused, 111 nobody knows
*/

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "addressed.h"
#include "line_pieces.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_sender.h"
#include "list_words.h"
#include "listed.h"
#include "mime_type.h"
#include "mime_walk.h"
#include "number.h"
#include "text.h"

#define USAGE "ezmlm-reject [-bBcCfFhHqQsStT] [dir]"

static struct list list = LIST_ZERO;
static struct list const *entered;              /* null: no directory was named */
static struct mail_header header = MAIL_HEADER_ZERO;
static bool body_commands = false, commands = true, forwards = false, headers = true, quietly = false, subjects = true, to = true;

static struct list_option const options[] = {
  { 'b', OPTION_ON, &body_commands, 0 }, { 'B', OPTION_OFF, &body_commands, 0 },
  { 'c', OPTION_ON, &commands, 0 },      { 'C', OPTION_OFF, &commands, 0 },
  { 'f', OPTION_ON, &forwards, 0 },      { 'F', OPTION_OFF, &forwards, 0 },
  { 'h', OPTION_ON, &headers, 0 },       { 'H', OPTION_OFF, &headers, 0 },
  { 'q', OPTION_ON, &quietly, 0 },       { 'Q', OPTION_OFF, &quietly, 0 },
  { 's', OPTION_ON, &subjects, 0 },      { 'S', OPTION_OFF, &subjects, 0 },
  { 't', OPTION_ON, &to, 0 },            { 'T', OPTION_OFF, &to, 0 },
  { 0 }
};

static _Noreturn void refuse(char const *identifier, char const *one)
{
  list_die(LIST_REFUSED, entered, identifier, one, 0);
}

static char const *sender_needed(void)
{
  char const *sender = getenv("SENDER");
  if (!sender) refuse("ERR_NOSENDER", 0);
  if (!*sender) refuse("ERR_BOUNCE", 0);
  return sender;
}

/* ---- the header ---- */

static void check_fields(void)
{
  stralloc unwanted = STRALLOC_ZERO;
  if (headers) list_settings(&unwanted, entered, "headerreject", 0);
  for (size_t i = 0; i < mail_header_count(&header); i++)
    if (name_listed(&unwanted, mail_header_name(&header, mail_header_field(&header, i)))) refuse("ERR_REJECT", 0);
  stralloc_free(&unwanted);
}

static bool ends_with(struct field f, char const *end)
{
  size_t len = strlen(end);
  return f.len >= len && !strncasecmp(f.s + f.len - len, end, len);
}

static void drop_bulk(void)
{
  struct field precedence = list_header_value(&header, "precedence");
  if (ends_with(precedence, "junk") || ends_with(precedence, "bulk")) _exit(LIST_STOP);
}

static void check_to(void)
{
  struct field local = { list.local.s, list.local.len }, host = { list.host.s, list.host.len };
  if (!to) return;
  for (size_t i = 0; i < mail_header_count(&header); i++) {
    struct mail_header_field const *f = mail_header_field(&header, i);
    if ((list_header_is(&header, f, "to") || list_header_is(&header, f, "cc")) && addressed_to(mail_header_value(&header, f), local, host))
      return;
  }
  list_die(quietly ? LIST_STOP : LIST_REFUSED, entered, "ERR_NO_ADDRESS", 0, 0);
}

static bool is_one_of(struct field f, char const *const *words)
{
  for (; *words; words++)
    if (f.len == strlen(*words) && !strncasecmp(f.s, *words, f.len)) return true;
  return false;
}

/* To the address that understands commands, as if it had been written to. */
static _Noreturn void forward_command(char const *sender)
{
  stralloc request = STRALLOC_ZERO;
  if (list_header_marked(&header, &list, "command forwarder for")) refuse("ERR_LOOPING", 0);
  list_mail_open(&list);
  list_mail_add("Delivered-To: command forwarder for ");
  list_mail_put(list.local.s, list.local.len);
  list_mail_add("@");
  list_mail_put(list.host.s, list.host.len);
  list_mail_add("\n");
  list_mail_put(header.text.s, header.text.len);
  list_mail_add("\n");
  list_mail_sender(field_of(sender));
  text_addx(&request, &list.local);
  text_add(&request, "-request@");
  text_addx(&request, &list.host);
  list_mail_to((struct field){ request.s, request.len });
  list_mail_close();
  _exit(LIST_STOP);
}

static bool begins_with_command(struct field f)
{
  static char const *const words[] = { "subscribe", "unsubscribe" };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (f.len >= strlen(words[i]) && !strncasecmp(f.s, words[i], strlen(words[i]))) return true;
  return false;
}

static void check_subject(char const *sender)
{
  static char const *const nothing[] = { "", "(null)", "(none)", "(no subject)", 0 };
  static char const *const words[] = { "help", "remove", "subscribe", "unsubscribe", 0 };
  struct field subject = list_header_value(&header, "subject");
  if (subjects && is_one_of(subject, nothing)) refuse("ERR_NO_SUBJECT", 0);
  if (commands && is_one_of(subject, words)) {
    if (forwards && entered) forward_command(sender);
    refuse("ERR_SUBCOMMAND", 0);
  }
  if (body_commands && begins_with_command(subject)) refuse("ERR_BODYCOMMAND", 0);
}

/* ---- what it is made of, and how much ---- */

struct measure { stralloc reject, strip; bool keeps; uint64_t bytes; };

static _Noreturn void refuse_type(char const *identifier, struct field type)
{
  stralloc name = STRALLOC_ZERO;
  text_addb(&name, type.s, type.len);
  refuse(identifier, text_z(&name));
}

static void check_type(struct measure const *m, struct field type)
{
  if (type_listed(&m->reject, type)) refuse_type("ERR_BAD_TYPE", type);
  if (m->keeps ? type.len && !type_listed(&m->strip, type) : type_listed(&m->strip, type))
    refuse_type("ERR_BAD_TYPE", type);
}

static bool check_part(void *arg, struct field value)
{
  struct measure const *m = arg;
  struct mime_type type;
  mime_type_read(&type, value);
  if (type.broken) refuse("ERR_MIME_QUOTE", 0);
  if (type_listed(&m->reject, type.name)) refuse_type("ERR_BAD_PART", type.name);
  return true;
}

static void count_part(void *arg, enum mime_what what, char const *s, size_t len)
{
  struct measure *m = arg;
  (void)s;
  if (what == MIME_BODY) m->bytes += len;
}

static void read_body(struct measure *m, struct field boundary)
{
  static struct line_pieces lines;
  struct mime_walk walk = { .boundary = boundary, .keeps = check_part, .put = count_part, .arg = m };
  struct line_piece piece;
  bool is_first = true;
  int r;
  mime_walk_begin(&walk);
  line_pieces_begin(&lines, &header.body_start, buffer_0);
  while ((r = line_pieces_next(&lines, &piece)) == 1) {
    if (is_first && body_commands && begins_with_command((struct field){ piece.s, piece.len })) refuse("ERR_BODYCOMMAND", 0);
    is_first = false;
    if (boundary.len) mime_walk_piece(&walk, &piece);
    else m->bytes += piece.len;
  }
  if (r == -1) list_die_system(entered, "ERR_READ_INPUT", 0);
  mime_walk_end(&walk);
}

/* "max:min", 0 or nothing is no limit. */
static void check_size(uint64_t bytes)
{
  stralloc text = STRALLOC_ZERO;
  uint64_t most = 0, least = 0;
  char number[UINT64_FMT];
  list_setting(&text, entered, "msgsize", 0);
  size_t digits = number_scan(text.s, text.len, &most);
  if (digits < text.len && text.s[digits] == ':') number_scan(text.s + digits + 1, text.len - digits - 1, &least);
  stralloc_free(&text);
  number[uint64_fmt(number, bytes > most && most ? most : least)] = 0;
  if (most && bytes > most) refuse("ERR_MAX_SIZE", number);
  if (bytes < least) refuse("ERR_MIN_SIZE", number);
}

static void check_body(void)
{
  struct measure m = { .bytes = 0 };
  struct mime_type type = { .name = { "", 0 } };
  stralloc boundary = STRALLOC_ZERO;
  struct field value = list_header_value(&header, "content-type");
  if (entered) {
    list_settings(&m.reject, entered, "mimereject", 0);
    m.keeps = list_settings(&m.strip, entered, "mimekeep", 0);
    if (!m.keeps) list_settings(&m.strip, entered, "mimeremove", 0);
    mime_type_read(&type, value);
    if (type.broken) refuse("ERR_MIME_QUOTE", 0);
    check_type(&m, type.name);
    if (mime_type_is(type.name, "multipart/")) mime_type_parameter(&boundary, value, "boundary");
  }
  read_body(&m, (struct field){ boundary.s, boundary.len });
  if (entered) check_size(m.bytes);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-reject";
  list_options(&list, argc, argv, options, LIST_MAYBE, USAGE);
  entered = list.dir ? &list : 0;
  char const *sender = sender_needed();
  list_header_read(&header, entered, buffer_0);
  if (entered) {
    check_fields();
    drop_bulk();
    check_to();
  }
  check_subject(sender);
  if (entered || body_commands) check_body();
  return 0;
}
