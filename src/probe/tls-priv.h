/* SPDX-License-Identifier: Apache-2.0 */
/* What both sides of TLS share. */
#pragma once

#include <openssl/ssl.h>

#include "probe/tls.h"

struct tls_settings {
	SSL_CTX *context;
	bool server;
};

/* For arena_at_end(). */
void tls_settings_free(void *settings);
