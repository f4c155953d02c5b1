/** What a computing process leaves among the temporary files when it is killed: who watches over it removes that. */
export { removeProfiles } from "../runtime/profile-folder.ts";
