/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which dialects a law is held against: all of them, or the one that
 * PORTOLAN_DIALECT names.  What would check nothing fails: a name that no dialect
 * has, a dialect that the law cannot be asked of, and a run that chose nothing.
 * The program's main file includes test.h first.
 */
#pragma once

#include "dialect/dialect.h"

static UNUSED bool chosen_name(const char *dialect)
{
	const char *only = getenv("PORTOLAN_DIALECT");
	if (only && !dialect_find(str_of(only)))
		fail_msg("PORTOLAN_DIALECT: there is no dialect \"%s\"", only);
	if (!dialect_find(str_of(dialect)))
		fail_msg("the test names \"%s\", which is not a dialect", dialect);
	return !only || strcmp(only, dialect) == 0;
}

/* For laws over what is written and read back. */
static UNUSED bool chosen(const struct dialect *dialect)
{
	if (!dialect->emit || !dialect->parse)
		fail_msg("%s is not both written and read: give it laws of its own, and exempt it in tests/chosen.h",
			 dialect->name);
	return chosen_name(dialect->name);
}

/* Of one dialect alone nothing is promised that holds of all together. */
static UNUSED bool one_is_chosen(void)
{
	return getenv("PORTOLAN_DIALECT");
}

/* At the end of a law that not every dialect has: how many it was held against. */
static UNUSED void assert_some_chosen(size_t n)
{
	const char *only = getenv("PORTOLAN_DIALECT");
	if (!n)
		fail_msg("nothing was checked%s%s", only ? ": the law is not asked of " : "", only ? only : "");
}
