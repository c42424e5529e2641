/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of what a rule advises: for whom they are, what they are, and from which Windows on there is what
 * they name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "step.h"

static void test_lines(void **state)
{
    static const struct {
        const char *line, *kind, *shell, *text;
        int64_t from, until;
    } rows[] = {
        {"  words of it ", "text", NULL, "words of it", 0, INT64_MAX},
        {"$ dir", "command", "cmd", "dir", 0, INT64_MAX},
        {"undo: PS> Get-Item x", "undo", "powershell", "Get-Item x", 0, INT64_MAX},
        {"[9200-] PS> Get-Item x", "command", "powershell", "Get-Item x", 9200, INT64_MAX},
        {"[-9199] undo: $ dir", "undo", "cmd", "dir", 0, 9199},
        {"[7601-9200] words", "text", NULL, "words", 7601, 9200},
        {"[::]:443 is one", "text", NULL, "[::]:443 is one", 0, INT64_MAX},
        {"[9200] words", "text", NULL, "[9200] words", 0, INT64_MAX},
        {"[-99999999999] words", "text", NULL, "[-99999999999] words", 0, INT64_MAX},
        {"[", "text", NULL, "[", 0, INT64_MAX},
        {"", "text", NULL, "", 0, INT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct step s = step_read(str_from(rows[i].line));
        assert_string_equal(s.kind, rows[i].kind);
        assert_int_equal(s.shell != NULL, rows[i].shell != NULL);
        if (s.shell)
            assert_string_equal(s.shell, rows[i].shell);
        assert_int_equal(s.text.len, strlen(rows[i].text));
        assert_memory_equal(s.text.p, rows[i].text, s.text.len);
        assert_int_equal(s.from, rows[i].from);
        assert_int_equal(s.until, rows[i].until);
    }
}

static void test_since(void **state)
{
    static const struct {
        const char *command;
        int64_t since;
    } rows[] = {
        {"certutil -addstore Root <root.cer>", 0},
        {"Uninstall-WindowsFeature Web-Cert-Auth", 9200},
        {"Add-WindowsFeature Web-Cert-Auth", 0},
        {"Move-Item -LiteralPath 'C:\\a' -Destination C:\\b", 0},
        {"Move-Item -LiteralPath 'Cert:\\LocalMachine\\Root\\00' -Destination Cert:\\LocalMachine\\CA", 9200},
        {"Get-ADUser -Filter * | Where-Object SamAccountName -eq 'a'", 9200},
        {"Get-ADUser -Filter * | Where-Object { $_.SamAccountName -eq 'a' }", 0},
        {"netsh http update sslcert hostnameport=a:443 clientcertnegotiation=enable", 14393},
        {"netsh http show sslcert hostnameport=a:443", 9200},
        {"Get-TlsCipherSuite", 14393},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *word = NULL;
        assert_int_equal(command_since(str_from(rows[i].command), &word), rows[i].since);
        assert_int_equal(word != NULL, rows[i].since > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_since)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
