/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz targets.  Each defines LLVMFuzzerTestOneInput; tests/fuzz/replay.c runs
 * it over its corpus in every ordinary test run, `tools/fuzz NAME` over what
 * libFuzzer thinks of.
 */
#pragma once

#include "base/diag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * The law of every reader: it fails exactly when it has added an error, and
 * every error lies inside its source.
 */
static inline void check_reader(const struct diag *d, bool ok)
{
	if (ok != (diag_errors(d) == 0))
		abort();
	for (size_t i = 0; i < diag_count(d); i++) {
		struct loc at = diag_entry(d, i)->at;
		if (!at.source || !at.line)
			continue;
		uint32_t lines = 1;
		for (size_t k = 0; k < at.source->text.n; k++)
			lines += at.source->text.p[k] == '\n' || at.source->text.p[k] == '\r' ||
				 (unsigned char)at.source->text.p[k] == 0xe2 ||
				 (unsigned char)at.source->text.p[k] == 0xc2;
		if (at.line > lines + 1)
			abort();
	}
	struct out o = out_memory(1 << 24);
	diag_print(d, &o, true);
	out_free(&o);
}
