export declare const LAYERS: Readonly<Record<string, readonly string[]>>;
export declare const TYPE_LAYERS: Readonly<Record<string, readonly string[]>>;
export declare const PURE_LAYERS: readonly string[];
export declare const WEBVIEW_LAYERS: readonly string[];
export declare const ORT_FILE: string;
