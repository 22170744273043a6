/* The table and the heaps: what is put in is found, in order, whatever is taken out between. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "send_log.h"
#include "send_message.h"

enum { MANY = 5000 };

static uint32_t seed = 1;

static uint32_t some(uint32_t below)
{
  seed = seed * 1103515245 + 12345;
  return (seed >> 8) % below;
}

static void test_table(void **state)
{
  (void)state;
  assert_null(message_find(1));
  /* numbers that would share rows: multiples of 2^40, as give_name makes them */
  for (uint64_t i = 1; i <= MANY; i++) assert_int_equal(message_add(i << 40 | (i & 7))->id, i << 40 | (i & 7));
  for (uint64_t i = 1; i <= MANY; i++) assert_non_null(message_find(i << 40 | (i & 7)));
  for (uint64_t i = 1; i <= MANY; i += 2) message_forget(message_find(i << 40 | (i & 7)));
  for (uint64_t i = 1; i <= MANY; i++) assert_int_equal(message_find(i << 40 | (i & 7)) != 0, i % 2 == 0);
  for (uint64_t i = 2; i <= MANY; i += 2) message_forget(message_find(i << 40 | (i & 7)));
}

static void drain_in_order(struct heap *h, size_t count)
{
  uint64_t last = 0;
  for (size_t i = 0; i < count; i++) {
    struct message *m = heap_first(h);
    assert_non_null(m);
    assert_true(m->due[h->key] >= last);
    last = m->due[h->key];
    heap_remove(h, m);
    assert_int_equal(m->place[h->key], 0);
  }
  assert_null(heap_first(h));
}

static void test_heap(void **state)
{
  (void)state;
  struct heap *h = &ready[CHANNEL_REMOTE][OLD];
  static struct message *all[MANY];
  for (size_t i = 0; i < MANY; i++) {
    all[i] = message_add(i + 1);
    schedule(all[i], CHANNEL_REMOTE, some(1000));
  }
  for (size_t i = 0; i < MANY; i += 3) unschedule(all[i], CHANNEL_REMOTE);
  for (size_t i = 1; i < MANY; i += 3) schedule(all[i], CHANNEL_REMOTE, some(1000));
  drain_in_order(h, MANY - (MANY + 2) / 3);
  for (size_t i = 0; i < MANY; i++) message_forget(all[i]);
}

static void test_all_due(void **state)
{
  (void)state;
  struct heap *h = &ready[CHANNEL_LOCAL][OLD];
  for (uint64_t i = 1; i <= MANY; i++) schedule(message_add(i), CHANNEL_LOCAL, some(1000));
  heap_all_due(h, 500);
  for (size_t i = 0; i < h->count; i++) assert_true(h->at[i]->due[CHANNEL_LOCAL] <= 500);
  drain_in_order(h, MANY);
  for (uint64_t i = 1; i <= MANY; i++) message_forget(message_find(i));
}

static void test_older_first(void **state)
{
  (void)state;
  struct message *a = message_add(1), *b = message_add(2), *c = message_add(3);
  a->birth = 30;
  b->birth = 10;
  c->birth = 10;
  schedule(c, CHANNEL_LOCAL, 5);
  schedule(a, CHANNEL_LOCAL, 5);
  schedule(b, CHANNEL_LOCAL, 5);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), b);
  message_forget(b);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), c);
  message_forget(c);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), a);
  message_forget(a);
}

/* However many wait for one, it counts for so many; those of other heaps do not count. */
static void test_how_many_wait_for_their_first_delivery_here(void **state)
{
  enum { ALL = SUMMED_MOST + 88 };
  (void)state;
  for (uint64_t id = 1; id <= ALL; id++) {
    struct message *m = message_add(id);
    m->first[CHANNEL_LOCAL] = m->first[CHANNEL_REMOTE] = true;
    schedule(m, CHANNEL_LOCAL, id);
    schedule(m, CHANNEL_REMOTE, id);
    assert_int_equal(local_and_new, id < SUMMED_MOST ? id : SUMMED_MOST);
  }
  for (uint64_t id = 1; id <= ALL; id++) {
    message_forget(message_find(id));
    assert_int_equal(local_and_new, ALL - id < SUMMED_MOST ? ALL - id : SUMMED_MOST);
  }
}

/* A message leaves the heap it is in, whichever that is, when it is planned anew. */
static void test_moves_between_heaps(void **state)
{
  (void)state;
  struct message *m = message_add(1), *other = message_add(2);
  schedule_chore(other, 1);
  m->first[CHANNEL_LOCAL] = true;
  schedule(m, CHANNEL_LOCAL, 7);
  schedule(m, CHANNEL_REMOTE, 8);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][NEW]), m);
  m->first[CHANNEL_LOCAL] = false;
  schedule(m, CHANNEL_LOCAL, 9);
  assert_null(heap_first(&ready[CHANNEL_LOCAL][NEW]));
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), m);
  schedule_chore(m, 0);
  assert_null(heap_first(&ready[CHANNEL_LOCAL][OLD]));
  assert_ptr_equal(heap_first(&chores), m);
  assert_ptr_equal(heap_first(&ready[CHANNEL_REMOTE][OLD]), m);
  message_forget(m);
  assert_null(heap_first(&ready[CHANNEL_REMOTE][OLD]));
  assert_ptr_equal(heap_first(&chores), other);
  message_forget(other);
}

static void test_held_until_the_last_answer(void **state)
{
  (void)state;
  struct message *m = message_add(1);
  m->pending = 2;
  m->due[CHANNEL_LOCAL] = 5;
  m->held[CHANNEL_LOCAL] = true;
  assert_true(scheduled(m, CHANNEL_LOCAL));
  pending_done(m);
  assert_null(heap_first(&ready[CHANNEL_LOCAL][OLD]));
  pending_done(m);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), m);
  message_forget(m);
}

static void test_claimed_until_the_end_of_the_claim(void **state)
{
  (void)state;
  struct message *m = message_add(1);
  m->pending = 1;
  m->claim = 3;
  m->held[CHANNEL_REMOTE] = true;
  pending_done(m);
  assert_null(heap_first(&ready[CHANNEL_REMOTE][OLD]));
  unclaim(m);
  assert_ptr_equal(heap_first(&ready[CHANNEL_REMOTE][OLD]), m);
  message_forget(m);
}

static void test_on_hold_nothing_is_due(void **state)
{
  (void)state;
  struct message *m = message_add(1);
  struct heap waiting = { .key = CHANNEL_REMOTE };
  schedule(m, CHANNEL_LOCAL, 5);
  schedule_in(m, CHANNEL_REMOTE, 6, &waiting);
  set_hold(m, true);
  assert_null(heap_first(&ready[CHANNEL_LOCAL][OLD]));
  assert_int_equal(waiting.count, 0);
  schedule(m, CHANNEL_LOCAL, 4);
  for (int c = 0; c < CHANNELS; c++) {
    heap_all_due(&ready[c][OLD], 1);
    assert_ptr_equal(heap_first(&parked[c]), m);
    assert_true(scheduled(m, (enum channel)c));
  }
  set_hold(m, false);
  assert_ptr_equal(heap_first(&ready[CHANNEL_LOCAL][OLD]), m);
  assert_ptr_equal(heap_first(&ready[CHANNEL_REMOTE][OLD]), m);
  assert_int_equal(m->due[CHANNEL_LOCAL], 4);
  assert_int_equal(m->due[CHANNEL_REMOTE], 6);
  assert_int_equal(parked[CHANNEL_LOCAL].count + parked[CHANNEL_REMOTE].count, 0);
  set_hold(m, true);
  message_forget(m);
  assert_int_equal(parked[CHANNEL_LOCAL].count + parked[CHANNEL_REMOTE].count, 0);
  free(waiting.at);
}

/* Runs it in a child: how that ends, and what it says last. */
static int enter(enum message_state from, enum message_state to)
{
  int log[2], wstat;
  char said[200] = "";
  assert_int_equal(pipe(log), 0);
  pid_t pid = fork();
  if (pid == 0) {
    struct message m = { .id = 5, .state = from };
    log_to(log[1]);
    message_enter(&m, to);
    _exit(m.state == to ? 0 : 1);
  }
  close(log[1]);
  assert_int_equal(waitpid(pid, &wstat, 0), pid);
  assert_true(read(log[0], said, sizeof said - 1) >= 0);
  close(log[0]);
  assert_int_equal(!WEXITSTATUS(wstat), !*said);
  if (from == BOUNCING && to == FORGOTTEN)
    assert_string_equal(said, "alert: internal error: msg 5 is BOUNCING and cannot become FORGOTTEN; dying...\n");
  return WEXITSTATUS(wstat);
}

/* Whoever is at work on a message finds it: it is not forgotten meanwhile. */
static void test_no_other_way_from_state_to_state(void **state)
{
  (void)state;
  for (int from = 0; from < STATES; from++) {
    assert_int_equal(enter((enum message_state)from, BOUNCING), from == FINISHED ? 0 : 111);
    assert_int_equal(enter((enum message_state)from, FORGOTTEN),
                     from == FINISHED || from == BOUNCING || from == FORGOTTEN ? 111 : 0);
    assert_int_equal(enter((enum message_state)from, WAITING), from == UNSEEN || from == WAITING ? 0 : 111);
  }
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(test_table),
    cmocka_unit_test(test_heap),
    cmocka_unit_test(test_all_due),
    cmocka_unit_test(test_older_first),
    cmocka_unit_test(test_how_many_wait_for_their_first_delivery_here),
    cmocka_unit_test(test_moves_between_heaps),
    cmocka_unit_test(test_held_until_the_last_answer),
    cmocka_unit_test(test_claimed_until_the_end_of_the_claim),
    cmocka_unit_test(test_on_hold_nothing_is_due),
    cmocka_unit_test(test_no_other_way_from_state_to_state)
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
