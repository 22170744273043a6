/* What users may not do: bits, letters, words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vflags.h"

/* The order is that of the reference, from bit 0 on. */
static void bits_and_letters(void **state)
{
  static char const user_letters[] = "dpwibru0123saofFSEm", domain_letters[] = "dpwi.ru....s..cx..m";
  size_t n = 0;
  (void)state;
  for (struct vflag const *f = vflags; f->bit; f++, n++) {
    assert_int_equal(f->bit, UINT32_C(1) << n);
    assert_int_equal(f->user_letter, user_letters[n]);
    assert_int_equal(f->domain_letter ? f->domain_letter : '.', domain_letters[n]);
    assert_int_equal(f->word != 0, f->domain_letter != 0);
    assert_int_equal(vflags_of_user_letter(f->user_letter), f->bit);
    if (!f->word) continue;
    assert_int_equal(vflags_of_domain_letter(f->domain_letter), f->bit);
    assert_int_equal(vflags_of_word(f->word, strlen(f->word)), f->bit);
  }
  assert_int_equal(n, 19);
}

static void words(void **state)
{
  (void)state;
  assert_int_equal(vflags_of_word("disable_pop", 11), VFLAG_NO_POP);
  assert_int_equal(vflags_of_word("DELETE_Spam", 11), VFLAG_DELETE_SPAM);
  assert_int_equal(vflags_of_word("disable_po", 10), 0);
  assert_int_equal(vflags_of_word("disable_popp", 12), 0);
  assert_int_equal(vflags_of_word("", 0), 0);
  assert_int_equal(vflags_of_user_letter('x'), 0);
  assert_int_equal(vflags_of_user_letter(0), 0);
  assert_int_equal(vflags_of_domain_letter('b'), 0);
  assert_int_equal(vflags_of_domain_letter(0), 0);
}

static void what_counts(void **state)
{
  (void)state;
  assert_int_equal(vflags_effective(VFLAG_NO_POP, VFLAG_NO_IMAP), VFLAG_NO_POP | VFLAG_NO_IMAP);
  assert_int_equal(vflags_effective(VFLAG_OVERRIDE | VFLAG_NO_POP, VFLAG_NO_IMAP), VFLAG_OVERRIDE | VFLAG_NO_POP);
  assert_int_equal(vflags_effective(0x80000000, 0), 0x80000000);
}

int main(void)
{
  struct CMUnitTest const tests[] = {
    cmocka_unit_test(bits_and_letters), cmocka_unit_test(words), cmocka_unit_test(what_counts),
  };
  return cmocka_run_group_tests(tests, 0, 0);
}
