#include <stdbool.h>
#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/types.h>

#include "agent.h"
#include "bytes.h"
#include "remote_report.h"

static char const out_of_memory[] = "ZOut of memory. (#4.3.0)\n";

static stralloc records = STRALLOC_ZERO;
static char contact;    /* the letter that tells of it; 0: nothing is known */
static size_t most;     /* likewise */
static bool passed_on;

void report_begin(void)
{
  records.len = 0;
  contact = 0;
  most = 0;
  passed_on = false;
}

void report_passed_on(void)
{
  passed_on = true;
}

void report_most(size_t number)
{
  most = number;
}

void report_contact(enum report_contact c)
{
  if (contact != REPORT_REACHED) contact = (char)c;
}

static void record(char letter, char const *text, size_t len)
{
  size_t before = records.len;
  if (bytes_addc(&records, letter) && bytes_addb(&records, text, len) && bytes_end(&records)) return;
  records.len = before;
  report_nomem();
}

void report_recipient(char letter, char const *text, size_t len)
{
  record(letter, text, len);
}

/* Behind the message's record. */
static void add_what_was_learnt(void)
{
  char number[UINT64_FMT];
  if (contact) record(contact, "", 0);
  if (most) record(REPORT_MOST, number, uint64_fmt(number, most));
  if (passed_on) record(REPORT_PASSED_ON, "", 0);
}

/* If nobody listens any more there is nobody to tell. */
void report_message(char letter, char const *text, size_t len)
{
  record(letter, text, len);
  add_what_was_learnt();
  allwrite(1, records.s, records.len);
  agent_deliver_next();
}

void report_text(char letter, char const *text)
{
  report_message(letter, text, strlen(text));
}

void report_nomem(void)
{
  allwrite(1, records.s, records.len);
  allwrite(1, out_of_memory, sizeof out_of_memory);
  agent_deliver_next();
}
