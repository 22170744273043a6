#include <string.h>

#include <skalibs/bytestr.h>

#include "address.h"
#include "date.h"
#include "local_mail.h"
#include "text.h"

/* A line end from an address must not begin a header line of its own; some readers take a bare CR for one. */
static void fold_line_ends(stralloc *line)
{
  for (size_t i = 0; i < line->len; i++)
    if (line->s[i] == '\n' || line->s[i] == '\r') line->s[i] = '_';
}

static void build_delivered_to(struct local_mail *m)
{
  text_set(&m->delivered_to, "Delivered-To: ");
  text_add(&m->delivered_to, m->local);
  text_add(&m->delivered_to, "@");
  text_add(&m->delivered_to, m->host);
  fold_line_ends(&m->delivered_to);
  text_add(&m->delivered_to, "\n");
  text_z(&m->delivered_to);
}

static void build_return_path(struct local_mail *m)
{
  text_set(&m->return_path, "Return-Path: <");
  if (!address_quote(&m->return_path, m->sender, strlen(m->sender))) die_nomem();
  fold_line_ends(&m->return_path);
  text_add(&m->return_path, ">\n");
  text_z(&m->return_path);
}

/* Readers of an mbox find the date behind the second blank. */
static void build_from_line(struct local_mail *m, time_t now)
{
  text_set(&m->from_line, "From ");
  text_add(&m->from_line, *m->sender ? m->sender : "MAILER-DAEMON");
  for (size_t i = strlen("From "); i < m->from_line.len; i++)
    if (strchr(" \t\r\n", m->from_line.s[i])) m->from_line.s[i] = '-';
  text_add(&m->from_line, " ");
  if (!date_mbox(&m->from_line, now)) die_nomem();
  text_add(&m->from_line, "\n");
  text_z(&m->from_line);
}

void local_mail_lines(struct local_mail *m, time_t now)
{
  build_delivered_to(m);
  build_return_path(m);
  build_from_line(m, now);
}

void local_mail_new_sender(struct local_mail *m, int has_owner, int has_owner_default)
{
  if (!*m->sender || !strcmp(m->sender, "#@[]") || !has_owner) {
    text_set(&m->new_sender, m->sender);
  } else {
    text_set(&m->new_sender, m->local);
    text_add(&m->new_sender, has_owner_default ? "-owner-@" : "-owner@");
    text_add(&m->new_sender, m->host);
    if (has_owner_default) text_add(&m->new_sender, "-@[]");
  }
  text_z(&m->new_sender);
}

size_t local_mail_host_without(char const *host, int n)
{
  size_t len = strlen(host);
  while (n--) len = byte_rchr(host, len, '.');
  return len;
}

char const *local_mail_ext_behind(char const *ext, int n)
{
  while (n--) {
    ext += str_chr(ext, '-');
    if (*ext) ext++;
  }
  return ext;
}
