/* main.cf: each setting has a name and a value that lies in the text, and its expansion ends. */

#include "fuzz.h"

#include "main_cf.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
  struct main_cf cf = MAIN_CF_ZERO;
  stralloc value = STRALLOC_ZERO;
  main_cf_read(&cf, (char const *)data, size);
  for (size_t i = 0; i < main_cf_count(&cf); i++) {
    struct main_cf_setting const *one = main_cf_get(&cf, i);
    assert(one->value + one->value_len <= cf.text.len && one->name + one->name_len == one->value);
    assert(main_cf_find(&cf, cf.text.s + one->name, one->name_len));
    if (i >= 30) continue;
    main_cf_value(&value, &cf, one);
    assert(!holds(value.s, value.len, '\n'));
  }
  stralloc_free(&value);
  stralloc_free(&cf.text);
  genalloc_free(struct main_cf_setting, &cf.settings);
  return 0;
}
