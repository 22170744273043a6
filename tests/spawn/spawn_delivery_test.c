/* Slots, output and the end of deliveries, without any process. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "bytes.h"
#include "spawn_delivery.h"

static struct spawn_deliveries all;
static struct spawn_copies copies;
static struct spawn_reports reports;

static int begin(void **state)
{
  (void)state;
  return spawn_copies_begin(&copies) ? 0 : -1;
}

static struct spawn_delivery *delivery(struct wire_command const *c)
{
  stralloc packed = STRALLOC_ZERO;
  assert_true(wire_command_pack(&packed, c));
  struct spawn_delivery *d = spawn_delivery_new(packed.s, packed.len);
  assert_non_null(d);
  stralloc_free(&packed);
  return d;
}

static struct spawn_delivery *of_slot(unsigned slot)
{
  return delivery(&(struct wire_command){
    .messid = "1/1", .sender = "", .destination = "", .count = 1, .recipients = { { slot, "a@b" } }
  });
}

/* The letters that are reported, in order. */
static char const *reported(void)
{
  static char letters[WIRE_RECIPIENTS_MAX + 1];
  struct wire_report r;
  size_t at = 0, n = 0;
  for (long took; (took = wire_report_unpack(&r, reports.unsent.s + at, reports.unsent.len - at)) > 0; at += (size_t)took)
    letters[n++] = r.letter;
  letters[n] = 0;
  reports.unsent.len = 0;
  return letters;
}

/* ---- slots ---- */

static void a_recipient_gets_a_slot_or_an_answer(void **state)
{
  (void)state;
  static struct { char const *messid; unsigned slot; char const *address, *answer; } const cases[] = {
    { "1/1", 0, "a@b", "" },
    { "1/1", WIRE_SLOTS_MAX - 1, "a@b", "" },
    { "1/1", WIRE_SLOTS_MAX, "a@b", "Z" },
    { "1/1", 65535, "a@b", "Z" },
    { "1/1", 1, "a", "D" },
    { "1/1", 1, "", "D" },
    { "1/1", 1, "@", "" },
    { "", 1, "a@b", "" },                           /* no question, and refused when its message is looked for */
    { "", WIRE_SLOTS_MAX, "a@b", "" },
    { "", SPAWN_SLOTS - 1, "a@b", "" },
    { "", SPAWN_SLOTS, "a@b", "Z" },
    { "", WIRE_SLOTS_MAX, "a", "D" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct spawn_delivery *d = delivery(&(struct wire_command){
      .messid = cases[i].messid, .sender = "", .destination = "", .count = 1,
      .recipients = { { cases[i].slot, cases[i].address } }
    });
    spawn_slots_take(&all, &reports, &d->command);
    char const *answer = reported();
    if (strcmp(answer, cases[i].answer)) fail_msg("case %zu: %s", i, answer);
    assert_int_equal(d->command.count, !*answer);
    spawn_delivery_free(&all, &copies, d);
  }
}

static void a_slot_serves_once_at_a_time(void **state)
{
  (void)state;
  struct spawn_delivery *first = of_slot(7), *second = of_slot(7);
  spawn_slots_take(&all, &reports, &first->command);
  spawn_slots_take(&all, &reports, &second->command);
  assert_string_equal(reported(), "Z");
  assert_int_equal(second->command.count, 0);
  spawn_delivery_free(&all, &copies, second);
  assert_true(all.slot_taken[7]);
  spawn_delivery_free(&all, &copies, first);
  assert_false(all.slot_taken[7]);
}

static void those_who_can_be_served_stay(void **state)
{
  (void)state;
  struct spawn_delivery *d = delivery(&(struct wire_command){
    .messid = "1/1", .sender = "", .destination = "", .count = 4,
    .recipients = { { 1, "a" }, { 2, "b@c" }, { 2, "c@c" }, { 3, "d@c" } }
  });
  spawn_slots_take(&all, &reports, &d->command);
  assert_string_equal(reported(), "DZ");
  assert_int_equal(d->command.count, 2);
  assert_string_equal(d->command.recipients[0].address, "b@c");
  assert_string_equal(d->command.recipients[1].address, "d@c");
  spawn_delivery_free(&all, &copies, d);
}

/* ---- its end ---- */

static void it_has_ended_when_process_and_output_have(void **state)
{
  (void)state;
  int p[2], q[2];
  assert_int_equal(pipe(p), 0);
  assert_int_equal(pipe(q), 0);
  struct spawn_delivery *a = of_slot(1), *b = of_slot(2);
  spawn_delivery_runs(&all, a, 100, p[0]);
  spawn_delivery_runs(&all, b, 101, q[0]);
  assert_ptr_equal(spawn_delivery_of(&all, 100), a);
  assert_ptr_equal(spawn_delivery_of(&all, 101), b);
  assert_null(spawn_delivery_of(&all, 102));

  spawn_delivery_ended(a, 256);
  assert_null(spawn_delivery_take_ended(&all));
  close(q[1]);
  spawn_delivery_read(b, 100);
  assert_null(spawn_delivery_take_ended(&all));
  close(p[1]);
  spawn_delivery_read(a, 100);
  assert_ptr_equal(spawn_delivery_take_ended(&all), a);
  assert_int_equal(a->wstat, 256);
  assert_null(spawn_delivery_take_ended(&all));
  assert_ptr_equal(spawn_delivery_of(&all, 101), b);

  spawn_delivery_ended(b, 0);
  assert_ptr_equal(spawn_delivery_take_ended(&all), b);
  assert_int_equal(all.count, 0);
  spawn_delivery_free(&all, &copies, a);
  spawn_delivery_free(&all, &copies, b);
}

static void who_is_light_is_counted_once_and_while_he_runs(void **state)
{
  (void)state;
  struct spawn_delivery *a = of_slot(1), *b = of_slot(2);
  spawn_delivery_runs(&all, a, 100, -1);
  spawn_delivery_runs(&all, b, 101, -1);
  assert_true(spawn_delivery_is_light(&all, a));
  assert_false(spawn_delivery_is_light(&all, a));
  assert_int_equal(all.light, 1);
  spawn_delivery_ended(b, 0);
  assert_ptr_equal(spawn_delivery_take_ended(&all), b);
  assert_int_equal(all.light, 1);
  spawn_delivery_ended(a, 0);
  assert_ptr_equal(spawn_delivery_take_ended(&all), a);
  assert_int_equal(all.light, 0);
  spawn_delivery_free(&all, &copies, a);
  spawn_delivery_free(&all, &copies, b);
}

/* ---- output ---- */

static void output_is_kept_up_to_its_bound(void **state)
{
  (void)state;
  static struct { size_t said, most; char const *mark, *kept; } const cases[] = {
    { 0, 5, "!", "" },
    { 4, 5, "!", "xxxx" },
    { 5, 5, "!", "xxxxx" },
    { 6, 5, "!", "xxxx!" },
    { 6, 5, "12345", "12345" },
    { 6, 5, "123456", "xxxxx" },
    { 6, 5, 0, "xxxxx" },
    { 6, 0, "!", "" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int p[2];
    assert_int_equal(pipe(p), 0);
    struct spawn_delivery *d = of_slot(1);
    spawn_delivery_runs(&all, d, 100, p[0]);
    for (size_t n = 0; n < cases[i].said; n++) {
      assert_int_equal(write(p[1], "x", 1), 1);
      spawn_delivery_read(d, cases[i].most);
    }
    close(p[1]);
    spawn_delivery_read(d, cases[i].most);
    spawn_delivery_mark_cut(d, cases[i].mark);
    assert_int_equal(d->output.len, strlen(cases[i].kept));
    assert_memory_equal(d->output.s ? d->output.s : "", cases[i].kept, d->output.len);
    spawn_delivery_ended(d, 0);
    assert_ptr_equal(spawn_delivery_take_ended(&all), d);
    spawn_delivery_free(&all, &copies, d);
  }
}

int main(void)
{
  static struct CMUnitTest const tests[] = {
    cmocka_unit_test(a_recipient_gets_a_slot_or_an_answer),
    cmocka_unit_test(a_slot_serves_once_at_a_time),
    cmocka_unit_test(those_who_can_be_served_stay),
    cmocka_unit_test(it_has_ended_when_process_and_output_have),
    cmocka_unit_test(who_is_light_is_counted_once_and_while_he_runs),
    cmocka_unit_test(output_is_kept_up_to_its_bound)
  };
  return cmocka_run_group_tests(tests, begin, 0);
}
