/* SPDX-License-Identifier: Apache-2.0 */
#include "report/xlsx-library.h"

#include <dlfcn.h>
#include <errno.h>

/* The name under which a program that is linked with it would ask for it; the build looks it up. */
#ifndef XLSX_LIBRARY
#define XLSX_LIBRARY "libxlsxwriter.so"
#endif

static bool find(struct xlsx_library *x, const char *name, void *into)
{
	void *f = dlsym(x->handle, name);
	/* a pointer to a function is as large as one to data (POSIX.1-2017, dlsym) */
	memcpy(into, &f, sizeof f);
	return f != NULL;
}

bool xlsx_open(struct xlsx_library *x, struct diag *d)
{
	*x = (struct xlsx_library){ .handle = dlopen(XLSX_LIBRARY, RTLD_NOW | RTLD_LOCAL) };
	if (!x->handle)
		return diag_machine(d, ENOENT, "workbooks need the library %s", XLSX_LIBRARY);
	bool all = true;
#define XLSX_FIND(name) all &= find(x, #name, &x->name);
	XLSX_FUNCTIONS(XLSX_FIND)
#undef XLSX_FIND
	if (all)
		return true;
	xlsx_close(x);
	return diag_machine(d, ENOSYS, "the library %s is too old for workbooks", XLSX_LIBRARY);
}

void xlsx_close(struct xlsx_library *x)
{
	if (x->handle)
		dlclose(x->handle);
	x->handle = NULL;
}
