/* A whole session with qmail-pop3d: a byte for the pieces, all that the client sends. The program itself is
   compiled in; its Maildir has four messages, of which nothing is removed. However the bytes are cut, the
   replies are the same. */

#include <setjmp.h>
#include <unistd.h>

#include "bytes.h"
#include "fuzz.h"

static _Noreturn void over(int code);
#define main pop3d_main
#define _exit over
#define mailbox_remove pretend_to_remove
#define mailbox_make_old pretend_to_make_old
#include "qmail-pop3d.c"

static jmp_buf out_of_session;

/* What the program leaves to its exit is no leak. */
int __lsan_is_turned_off(void)
{
  return 1;
}

static _Noreturn void over(int code)
{
  longjmp(out_of_session, code + 1);
}

bool pretend_to_remove(struct mailbox *box, struct message *m)
{
  (void)box;
  return m->deleted;
}

void pretend_to_make_old(struct mailbox const *box, struct message const *m)
{
  (void)box, (void)m;
}

static void put_file(char const *name, char const *text)
{
  FILE *f = fopen(name, "w");
  assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void make_maildir(void)
{
  place_enter("new");
  assert(mkdir("cur", 0700) == 0 && mkdir("tmp", 0700) == 0);
  put_file("new/1.a", "Subject: x\n\n.\n..\na");
  put_file("new/2.b,S=12", "A: b\n\nc\r\nd\n");
  put_file("cur/3.c:2,S", "");
  put_file("cur/4.d:2,S", "From: J\303\266rg <j\303\266rg@example.org>\nX: \303\244\nSubject: \303\274\n\n\303\237\n");
  assert(mailbox_scan(&mailbox) && mailbox_count(&mailbox) == 4);
}

static void hold(stralloc *replies, int in, int out, size_t read_max)
{
  struct stat st;
  last = 0;
  for (size_t i = 0; i < mailbox_count(&mailbox); i++) mailbox_message(&mailbox, i)->deleted = false;
  assert(lseek(in, 0, SEEK_SET) == 0 && lseek(out, 0, SEEK_SET) == 0 && ftruncate(out, 0) == 0);
  net_init(&net, in, out, TIMEOUT, 0, client_lost);
  net.read_max = read_max;
  if (!setjmp(out_of_session)) converse(&net, verbs, &state);
  assert(fstat(out, &st) == 0 && bytes_ready(replies, (size_t)st.st_size + 1));
  replies->len = (size_t)pread(out, replies->s, (size_t)st.st_size, 0);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  static int in = -1, out;
  static stralloc together = STRALLOC_ZERO, in_pieces = STRALLOC_ZERO;
  struct part text = whole(data, size);
  size_t piece = 1 + part_byte(&text);
  if (in == -1) {
    in = file_new();
    out = file_new();
    make_maildir();
  }
  file_fill(in, text.s, text.len);
  hold(&together, in, out, sizeof net.input);
  hold(&in_pieces, in, out, piece);
  assert(times(together.s, together.len, "\n") == times(together.s, together.len, "\r\n"));
  assert(same_bytes(together.s, together.len, in_pieces.s, in_pieces.len));
  return 0;
}
