/* A WMI for tests, where the real one is not: answers every query with what text files hold. A folder
 * C:\wmi-mock\NAMESPACE (with _ for \) is a namespace, a file CLASS.txt in it a class: lines name=value,
 * an empty line between objects, UTF-8. A file that begins with HANG never answers. Everything that the
 * agent does not call says E_NOTIMPL. It is loaded by the worker under Wine, and by nothing else. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <oleauto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 64
#define OBJECTS_MAX 16

static HRESULT WINAPI not_here(void) { return E_NOTIMPL; }
static ULONG WINAPI counted(void *self) { (void)self; return 1; }
static HRESULT WINAPI itself(void *self, REFIID id, void **out) { (void)id; *out = self; return S_OK; }

typedef struct { WCHAR name[64]; WCHAR value[256]; } Property;
typedef struct { void **calls; int count; Property properties[LINES_MAX]; } Object;
typedef struct { void **calls; int at, count, hangs; Object objects[OBJECTS_MAX]; } Enumerator;
typedef struct { void **calls; char folder[MAX_PATH]; } Services;

static HRESULT WINAPI object_get(Object *self, LPCWSTR name, long flags, VARIANT *value, long *type,
                                 long *flavor) {
    (void)flags;
    for (int at = 0; at < self->count; at++) {
        const Property *found = &self->properties[at];
        if (lstrcmpiW(found->name, name) != 0) continue;
        VariantInit(value);
        WCHAR *end;
        long number = wcstol(found->value, &end, 10);
        if (found->value[0] != 0 && *end == 0) {
            V_VT(value) = VT_I4; V_I4(value) = number; if (type) *type = 19; /* CIM_UINT32 */
        } else if (lstrcmpW(found->value, L"TRUE") == 0 || lstrcmpW(found->value, L"FALSE") == 0) {
            V_VT(value) = VT_BOOL; V_BOOL(value) = found->value[0] == L'T' ? VARIANT_TRUE : VARIANT_FALSE;
            if (type) *type = 11;
        } else if (found->value[0] == 0) {
            V_VT(value) = VT_NULL; if (type) *type = 8;
        } else {
            V_VT(value) = VT_BSTR; V_BSTR(value) = SysAllocString(found->value); if (type) *type = 8;
        }
        if (flavor) *flavor = 0;
        return S_OK;
    }
    return (HRESULT)0x80041002; /* WBEM_E_NOT_FOUND */
}

static HRESULT WINAPI object_names(Object *self, LPCWSTR qualifier, long flags, VARIANT *value,
                                   SAFEARRAY **names) {
    (void)qualifier; (void)flags; (void)value;
    *names = SafeArrayCreateVector(VT_BSTR, 0, (ULONG)self->count);
    for (LONG at = 0; at < self->count; at++) {
        BSTR name = SysAllocString(self->properties[at].name);
        SafeArrayPutElement(*names, &at, name);
        SysFreeString(name);
    }
    return S_OK;
}

static HRESULT WINAPI next(Enumerator *self, long wait, ULONG wanted, void **out, ULONG *given) {
    (void)wait; (void)wanted;
    if (self->hangs) Sleep(INFINITE);
    if (self->at >= self->count) { *given = 0; return 1; /* WBEM_S_FALSE */ }
    out[0] = &self->objects[self->at++];
    *given = 1;
    return S_OK;
}

static void *object_calls[32], *enumerator_calls[16], *services_calls[32], *locator_calls[8];
static void *factory_calls[8], *security_calls[8];

static Enumerator *opened(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    Enumerator *all = calloc(1, sizeof *all);
    all->calls = enumerator_calls;
    char line[1024];
    int fresh = 1;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (strcmp(line, "HANG") == 0) { all->hangs = 1; break; }
        char *value = strchr(line, '=');
        if (!value) { fresh = 1; continue; }
        *value++ = 0;
        if (fresh && all->count < OBJECTS_MAX) { all->objects[all->count++].calls = object_calls; fresh = 0; }
        Object *object = &all->objects[all->count - 1];
        if (object->count >= LINES_MAX) continue;
        Property *property = &object->properties[object->count++];
        MultiByteToWideChar(CP_UTF8, 0, line, -1, property->name, 64);
        MultiByteToWideChar(CP_UTF8, 0, value, -1, property->value, 256);
    }
    fclose(file);
    return all;
}

static HRESULT WINAPI query(Services *self, BSTR language, BSTR text, long flags, void *context,
                            void **out) {
    (void)language; (void)flags; (void)context;
    char name[512], path[1024];
    WideCharToMultiByte(CP_UTF8, 0, text, -1, name, sizeof name, NULL, NULL);
    char *class = strstr(name, "FROM ");
    if (!class) return (HRESULT)0x80041017; /* WBEM_E_INVALID_QUERY */
    class += 5;
    class[strcspn(class, " ")] = 0;
    snprintf(path, sizeof path, "%s\\%s.txt", self->folder, class);
    *out = opened(path);
    return *out ? S_OK : (HRESULT)0x80041010; /* WBEM_E_INVALID_CLASS */
}

static struct { void **calls; } security = { security_calls };
static HRESULT WINAPI blanket(void) { return S_OK; }

static HRESULT WINAPI services_ask(Services *self, REFIID id, void **out) {
    static const IID client_security = { 0x13d, 0, 0, { 0xc0, 0, 0, 0, 0, 0, 0, 0x46 } };
    *out = IsEqualGUID(id, &client_security) ? (void *)&security : (void *)self;
    return S_OK;
}

static HRESULT WINAPI connect_server(void *self, BSTR name, BSTR user, BSTR password, BSTR locale,
                                     long flags, BSTR authority, void *context, void **out) {
    (void)self; (void)user; (void)password; (void)locale; (void)flags; (void)authority; (void)context;
    Services *services = calloc(1, sizeof *services);
    char text[256];
    WideCharToMultiByte(CP_UTF8, 0, name, -1, text, sizeof text, NULL, NULL);
    for (char *at = text; *at; at++) if (*at == '\\') *at = '_';
    snprintf(services->folder, sizeof services->folder, "C:\\wmi-mock\\%s", text);
    services->calls = services_calls;
    if (GetFileAttributesA(services->folder) == INVALID_FILE_ATTRIBUTES) return (HRESULT)0x8004100E;
    *out = services;
    return S_OK;
}

static struct { void **calls; } locator = { locator_calls };
static HRESULT WINAPI create(void *self, void *outer, REFIID id, void **out) {
    (void)self; (void)outer; (void)id;
    *out = &locator;
    return S_OK;
}

static struct { void **calls; } factory = { factory_calls };

static void fill(void **calls, int count) {
    for (int at = 0; at < count; at++) calls[at] = (void *)not_here;
    calls[0] = (void *)itself; calls[1] = calls[2] = (void *)counted;
}

__declspec(dllexport) HRESULT WINAPI DllGetClassObject(REFCLSID class, REFIID id, void **out) {
    (void)class; (void)id;
    fill(object_calls, 32); object_calls[4] = (void *)object_get; object_calls[7] = (void *)object_names;
    fill(enumerator_calls, 16); enumerator_calls[4] = (void *)next;
    fill(services_calls, 32); services_calls[0] = (void *)services_ask; services_calls[20] = (void *)query;
    fill(locator_calls, 8); locator_calls[3] = (void *)connect_server;
    fill(factory_calls, 8); factory_calls[3] = (void *)create;
    fill(security_calls, 8); security_calls[4] = (void *)blanket;
    *out = &factory;
    return S_OK;
}
