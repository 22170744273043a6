#include "memory.h"

void (*memory_gone)(void) = die_nomem;
