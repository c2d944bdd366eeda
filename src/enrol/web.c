/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol/web.h"

#include <openssl/pem.h>
#include <time.h>

#include "base/out.h"
#include "enrol/curl-library.h"
#include "pki/certificate.h"

enum { CONNECT_SECONDS = 10, ANSWER_SECONDS = 60, ANSWER_MAX = 64 << 20 };

struct web {
	struct curl_library curl;
	CURL *handle;
};

static void close_web(void *ctx)
{
	struct web *w = ctx;
	if (w->handle)
		w->curl.curl_easy_cleanup(w->handle);
	/* OpenSSL may be in use elsewhere, so the library stays loaded. */
}

struct web *web_open(struct arena *a, struct diag *d)
{
	struct web *w = ARENA_NEW(a, struct web);
	if (!curl_open(&w->curl, d))
		return NULL;
	arena_at_end(a, close_web, w);
	w->handle = w->curl.curl_easy_init();
	if (!w->handle)
		out_of_memory(sizeof *w);
	return w;
}

static size_t take(char *p, size_t size, size_t n, void *ctx)
{
	struct out *o = ctx;
	out_bytes(o, p, size * n);
	return o->error ? 0 : size * n;
}

/* The Date field of the head. */
static size_t take_field(char *p, size_t size, size_t n, void *ctx)
{
	struct web_answer *answer = ctx;
	char date[64];
	struct str line = { p, size * n };
	if (str_istarts(line, "Date:")) {
		struct tm t = { 0 };
		struct str value = str_trim(str_skip(line, strlen("Date:")));
		snprintf(date, sizeof date, "%.*s", STR_ARG(value));
		if (strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &t))
			answer->date = (int64_t)timegm(&t);
	}
	return size * n;
}

/* libcurl gives the chain as texts; the first is the server's. */
static struct str server_certificate(struct web *w, struct arena *a)
{
	static const char word[] = "Cert:";
	struct curl_certinfo *info = NULL;
	struct str der = STR("");
	if (w->curl.curl_easy_getinfo(w->handle, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
	    info->num_of_certs < 1)
		return der;
	for (struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
		if (!str_starts(str_of(line->data), word))
			continue;
		BIO *from = BIO_new_mem_buf(line->data + strlen(word), -1);
		X509 *c = PEM_read_bio_X509(from, NULL, NULL, NULL);
		der = c ? certificate_der(a, c) : der;
		X509_free(c);
		BIO_free(from);
	}
	return der;
}

static enum web_trouble trouble_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return WEB_WELL;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return WEB_NAME;
	case CURLE_COULDNT_CONNECT:
		return WEB_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return WEB_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return WEB_TIME;
	default:
		return WEB_OTHER;
	}
}

static void set_identity(struct web *w, const struct web_identity *identity)
{
	struct curl_blob certificate = { (void *)(uintptr_t)identity->certificate.p, identity->certificate.n,
					 CURL_BLOB_COPY },
			 key = { (void *)(uintptr_t)identity->key.p, identity->key.n, CURL_BLOB_COPY };
	if (identity->trusted) {
		w->curl.curl_easy_setopt(w->handle, CURLOPT_CAINFO, identity->trusted);
		w->curl.curl_easy_setopt(w->handle, CURLOPT_CAPATH, NULL);
	}
	if (identity->certificate.n == 0)
		return;
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSLCERTTYPE, "PEM");
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSLCERT_BLOB, &certificate);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSLKEYTYPE, "PEM");
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSLKEY_BLOB, &key);
}

struct web_answer web_ask(struct web *w, struct arena *a, const struct web_identity *identity, struct str url,
			  const char *type, struct str body)
{
	struct web_answer answer = { 0 };
	struct curl_slist *fields = NULL;
	char words[CURL_ERROR_SIZE] = "";
	struct out content = out_memory(ANSWER_MAX);
	long status = 0;
	w->curl.curl_easy_reset(w->handle);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_URL, cstr(a, url));
	w->curl.curl_easy_setopt(w->handle, CURLOPT_PROTOCOLS_STR, identity->plain ? "https,http" : "https");
	w->curl.curl_easy_setopt(w->handle, CURLOPT_FOLLOWLOCATION, 0L);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_NOSIGNAL, 1L);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_TIMEOUT, (long)ANSWER_SECONDS);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_ERRORBUFFER, words);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_WRITEFUNCTION, take);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_WRITEDATA, &content);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	/* Each request shows an identity of its own, so no connection serves two. */
	w->curl.curl_easy_setopt(w->handle, CURLOPT_FORBID_REUSE, 1L);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_FRESH_CONNECT, 1L);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_HEADERFUNCTION, take_field);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_HEADERDATA, &answer);
	w->curl.curl_easy_setopt(w->handle, CURLOPT_CERTINFO, type ? 0L : 1L);
	set_identity(w, identity);
	if (type) {
		fields = w->curl.curl_slist_append(fields, arena_printf(a, "Content-Type: %s", type));
		w->curl.curl_easy_setopt(w->handle, CURLOPT_HTTPHEADER, fields);
		w->curl.curl_easy_setopt(w->handle, CURLOPT_POSTFIELDSIZE, (long)body.n);
		w->curl.curl_easy_setopt(w->handle, CURLOPT_POSTFIELDS, body.p);
	}
	CURLcode code = w->curl.curl_easy_perform(w->handle);
	w->curl.curl_easy_getinfo(w->handle, CURLINFO_RESPONSE_CODE, &status);
	answer.trouble = trouble_of(code);
	answer.why = str_printf(a, "%s", words[0] ? words : w->curl.curl_easy_strerror(code));
	answer.status = (unsigned)status;
	answer.certificate = server_certificate(w, a);
	answer.body = str_dup(a, out_view(&content));
	w->curl.curl_slist_free_all(fields);
	out_free(&content);
	return answer;
}
