/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/curl-library.h"

#include <dlfcn.h>
#include <errno.h>

/* The name that a linked program would load; its number changes with libcurl's interface. */
static const char name_of_library[] = "libcurl.so.4";

static bool find(struct curl_library *library, const char *name, void *into)
{
	void *f = dlsym(library->handle, name);
	/* a pointer to a function is as large as one to data (POSIX.1-2017, dlsym) */
	memcpy(into, &f, sizeof f);
	return f != NULL;
}

bool curl_open(struct curl_library *library, struct diag *d)
{
	*library = (struct curl_library){ .handle = dlopen(name_of_library, RTLD_NOW | RTLD_LOCAL) };
	if (!library->handle)
		return diag_machine(d, ENOENT, "enrolling needs the library %s", name_of_library);
	bool all = true;
#define CURL_FIND(name) all &= find(library, #name, &library->name);
	CURL_FUNCTIONS(CURL_FIND)
#undef CURL_FIND
	if (all)
		return true;
	curl_close(library);
	return diag_machine(d, ENOSYS, "the library %s is too old for enrolling", name_of_library);
}

void curl_close(struct curl_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	library->handle = NULL;
}
